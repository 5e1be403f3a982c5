import Anomaly
import Signal
import Testing

@testable import Contracts

@Suite struct MeasurementsTests {
  static let start = UnixTime(seconds: 1_800_000_000)
  static let key = [UInt8](0..<32)

  static func snapshot(_ count: Int) -> WaveformSnapshot {
    var dice = SplitMix64(seed: 5)
    let samples = (0..<count).map { index -> Float in
      let saw: Float = Float(index % 40) / 4
      let noise: Float = Float(dice.next() % 1000) / 1000
      return saw + noise - 5
    }
    return WaveformSnapshot(
      point: PointID(machine: "pump", point: "de"), cause: .alarm, time: start, samples: samples, sampleRateHz: 12_800,
      unit: .metrePerSecondSquared, speedRPM: 1480)
  }

  @Test("a waveform comes back to within half a step, whole from its parts in any order, sealed or not", arguments: [nil, key])
  func roundTrip(key: [UInt8]?) throws {
    let snapshot = Self.snapshot(20_000)
    let document = WaveformDocument(snapshot)
    let box = try #require(WaveformBox.close(document.encoded, key: key, name: "e1"))
    #expect(box.codec == (key == nil ? .zstd : .sealed))
    let parts = WaveformPart.parts(of: box.bytes, codec: box.codec, evidence: "e1", cause: "alarm")
    #expect(parts.count > 1)
    #expect(parts.allSatisfy { JSON.encode($0).count < 12 * 1024 - 512 })
    let joined = try WaveformPart.join(parts.reversed())
    let back = try WaveformDocument(decoding: WaveformBox.open(joined.box, codec: joined.codec, key: key, name: "e1"))
    #expect(back.description == document.description)
    let step = Float(document.description.step)
    #expect(zip(back.samples, snapshot.samples).allSatisfy { abs($0 - $1) <= step * 0.51 })
  }

  @Test("what is sealed opens with its key and under its name only, and shows nothing of itself")
  func sealed() throws {
    let document = WaveformDocument(Self.snapshot(1000)).encoded
    let box = try #require(WaveformBox.close(document, key: Self.key, name: "e1"))
    #expect(throws: PlaneMessageError.self) { try WaveformBox.open(box.bytes, codec: .sealed, key: nil, name: "e1") }
    #expect(throws: PlaneMessageError.self) {
      try WaveformBox.open(box.bytes, codec: .sealed, key: [UInt8](1...32), name: "e1")
    }
    #expect(throws: PlaneMessageError.self) { try WaveformBox.open(box.bytes, codec: .sealed, key: Self.key, name: "e2") }
    var changed = box.bytes
    changed[40] ^= 1
    #expect(throws: PlaneMessageError.self) { try WaveformBox.open(changed, codec: .sealed, key: Self.key, name: "e1") }
    #expect(Zstd.decompress(box.bytes, most: 1 << 20) == nil)
  }

  @Test("a missing or a changed part is noticed")
  func parts() throws {
    let box = try #require(WaveformBox.close(WaveformDocument(Self.snapshot(20_000)).encoded, key: nil, name: "e1"))
    var parts = WaveformPart.parts(of: box.bytes, codec: box.codec, evidence: "e1", cause: "alarm")
    #expect(throws: PlaneMessageError.self) { try WaveformPart.join(Array(parts.dropFirst())) }
    #expect(throws: PlaneMessageError.self) { try WaveformPart.join([]) }
    let first = parts[0].content
    parts[0].content = parts[1].content
    parts[1].content = first
    #expect(throws: PlaneMessageError.self) { try WaveformPart.join(parts) }
  }

  @Test("a frame that holds more than is allowed takes no memory for it")
  func bomb() throws {
    let frame = try #require(Zstd.compress([UInt8](repeating: 7, count: 1 << 20)))
    #expect(frame.count < 1000)
    #expect(Zstd.decompress(frame, most: (1 << 20) - 1) == nil)
    #expect(Zstd.decompress(frame, most: 1 << 20)?.count == 1 << 20)
    #expect(Zstd.decompress(frame + [0], most: 1 << 20) == nil)
    #expect(Zstd.decompress(Array(frame.dropLast()), most: 1 << 20) == nil)
    #expect(Zstd.decompress([], most: 10) == nil)
  }

  @Test("a batch with a compressed body is the same batch; one that holds too much is refused")
  func batches() throws {
    let epoch = Epoch.random()
    let events = (1...50).map {
      Array(#"{"id":"gw:1:event:\#($0)","type":"org.thrum.sensor.fault.v1","data":{"reason":"stuck"}}"#.utf8)
    }
    let batch = EventBatch(epoch: epoch, incarnation: 1, lane: .event, first: 1, prevHash: ChainHash(epoch), events: events)
    #expect(batch.compressed.count < batch.encoded.count / 3)
    let back = try EventBatch(decoding: batch.compressed)
    #expect(back.events == events)
    #expect(back.header.codec == .zstd)
    #expect(back.hashes == batch.hashes)

    var header = batch.header
    header.codec = .zstd
    let bomb = try #require(Zstd.compress([UInt8](repeating: 65, count: EventBatch.maxReceivedBytes + 1)))
    #expect(throws: PlaneMessageError.self) { try EventBatch(decoding: header.encoded + [10] + bomb) }
    #expect(throws: PlaneMessageError.self) { try EventBatch(decoding: header.encoded + [10] + Array("no frame".utf8)) }
  }

  @Test("feature vectors and ledgers go in pieces that are no larger than an item may be")
  func pieces() {
    let windows = (0..<100).map { BaselineWindow(index: $0, features: [Float](repeating: Float($0), count: 40), speedRPM: nil) }
    let parts = FeatureSample.parts(windows, names: (0..<40).map { "feature_\($0)" })
    #expect(parts.map(\.windows).reduce(0, +) == 100)
    #expect(parts.allSatisfy { JSON.encode($0).count < 11_000 })
    let points = (0..<45).map {
      LedgerSummary.Point(machine: String(repeating: "m", count: 60), point: "p\($0)", ledger: LedgerReport(Ledger()))
    }
    let summaries = LedgerSummary.parts(points)
    #expect(summaries.flatMap(\.points) == points)
    #expect(summaries.map(\.part) == [1, 2, 3])
    #expect(summaries.allSatisfy { JSON.encode($0).count < 11_000 })
  }
}
