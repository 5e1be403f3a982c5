import Signal
import Contracts
import TestSupport

/// A gateway's disk in the plainest form: what is copied when an image of the card is made.
struct ModelDisk {
  struct Item { let bytes: [UInt8], hash: ChainHash }
  struct Log { var items: [Item] = [], through: UInt64 = 0 }

  var epoch: Epoch
  var parent: Epoch?
  var incarnation: UInt64 = 0
  var lanes: [Lane: Log] = [.alarm: Log(), .event: Log()]
  /// Acknowledged under earlier epochs, by their bytes.
  var settled: [[UInt8]] = []

  init(_ random: inout SplitMix64) { epoch = random.epoch() }

  func last(_ lane: Lane) -> UInt64 { UInt64(log(lane).items.count) }
  func log(_ lane: Lane) -> Log { lanes[lane] ?? Log() }

  func hash(_ lane: Lane, _ number: UInt64) -> ChainHash? {
    if number == 0 { return ChainHash(epoch) }
    return number <= last(lane) ? log(lane).items[Int(number) - 1].hash : nil
  }

  mutating func append(_ bytes: [UInt8], to lane: Lane) {
    let hash = (hash(lane, last(lane)) ?? ChainHash(epoch)).appending(bytes)
    lanes[lane, default: Log()].items.append(Item(bytes: bytes, hash: hash))
  }

  mutating func renewEpoch(_ random: inout SplitMix64) {
    let old = lanes
    (parent, epoch) = (epoch, random.epoch())
    for (lane, log) in old {
      lanes[lane] = Log()
      settled += log.items.prefix(Int(log.through)).map(\.bytes)
      for item in log.items.dropFirst(Int(log.through)) { append(item.bytes, to: lane) }
    }
  }

  /// Every event the disk holds.
  var everything: [[UInt8]] { settled + lanes.values.flatMap { $0.items.map(\.bytes) } }
}

extension SplitMix64 {
  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
  mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }
  mutating func epoch() -> Epoch { Epoch(unchecked: (0..<16).map { _ in UInt8.random(in: 0...255, using: &self) }) }
}

extension Optional {
  func orThrow() throws -> Wrapped {
    guard let self else { throw TestSupportError("there is none") }
    return self
  }
}
