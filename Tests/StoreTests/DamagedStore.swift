import Anomaly
import Contracts
import Foundation
import SQLite
import Signal
import Store
import Synchronization
import TestSupport
import Testing

/// A store that was killed in the middle of its work, and whose bytes can be changed.
final class DamagedStore {
  let folder: TemporaryFolder
  let epoch: Epoch
  private let transactions: Int
  private var random: SplitMix64

  /// - Parameter isMoved: everything is in the database, nothing in the log.
  init(transactions: Int, seed: UInt64, isMoved: Bool = false) throws {
    (folder, random, self.transactions) = (try TemporaryFolder(), SplitMix64(seed: seed), transactions)
    let original = try Self.original(transactions, isMoved)
    epoch = original.epoch
    for suffix in ["", "-wal", ".pages"] where !(isMoved && suffix == "-wal") {
      try FileManager.default.copyItem(atPath: original.folder.path + "/thrum.db" + suffix, toPath: path(suffix))
    }
  }

  private struct Original { let folder: TemporaryFolder, epoch: Epoch }
  private struct Kind: Hashable { let transactions: Int, isMoved: Bool }
  private static let originals = Mutex<[Kind: Original]>([:])

  /// Made once for all tests: files as a SIGKILL leaves them.
  private static func original(_ transactions: Int, _ isMoved: Bool) throws -> Original {
    try originals.withLock { originals in
      let kind = Kind(transactions: transactions, isMoved: isMoved)
      if let made = originals[kind] { return made }
      let (alive, killed) = (try TemporaryFolder(), try TemporaryFolder())
      let store = try openStore(in: alive.path)
      for number in 0..<transactions { try store.commit(try work(number)) }
      if isMoved { try Database(path: alive.path + "/thrum.db", mode: .readWriteCreate).checkpoint(.restart) }
      for suffix in ["", "-wal", ".pages"] {
        try FileManager.default.copyItem(atPath: alive.path + "/thrum.db" + suffix, toPath: killed.path + "/thrum.db" + suffix)
      }
      let made = Original(folder: killed, epoch: try #require(try store.reader.numbering()?.epoch))
      originals[kind] = made
      return made
    }
  }

  private static func work(_ number: Int) throws -> Change {
    var outcome = try fullOutcome(number % 7, frame: number)
    outcome.occurrences = [
      Occurrence(
        arrival: 0, time: time(Int64(number)), subject: "pump-\(number % 7)/drive-end",
        kind: .sensorFault(SensorReport(reason: "stuck-\(number)")))
    ]
    var change = Change()
    change.points = [outcome]
    return change
  }

  func open() throws -> Store { try openStore(in: folder.path) { $0.startedAt = time(100_000) } }

  func path(_ suffix: String) -> String { folder.path + "/thrum.db" + suffix }
  func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

  // MARK: damage

  private func edit(_ suffix: String, _ edit: (inout Data) throws -> Void) throws {
    let file = URL(fileURLWithPath: path(suffix))
    var bytes = try Data(contentsOf: file)
    try edit(&bytes)
    try bytes.write(to: file)
  }

  func flip(_ suffix: String, at offset: Int) throws {
    let bit = UInt8(1) << UInt8(below(8))
    try edit(suffix) { $0[offset] ^= bit }
  }

  func overwrite(page: Int) throws {
    let noise = Data((0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) })
    try edit("") { $0.replaceSubrange(page * 4096..<(page + 1) * 4096, with: noise) }
  }

  func replaceInDatabase(_ text: String, with other: String) throws {
    try edit("") { bytes in
      let range = try #require(bytes.range(of: Data(text.utf8)))
      bytes.replaceSubrange(range, with: Data(other.utf8))
    }
  }

  func pages() throws -> Int { try Data(contentsOf: URL(fileURLWithPath: path(""))).count / 4096 }

  /// Frames of the log's present generation.
  func liveFrames() throws -> Int {
    let log = try Data(contentsOf: URL(fileURLWithPath: path("-wal")))
    return stride(from: 32, to: log.count - 23, by: 24 + 4096).count { log[$0 + 8..<$0 + 16] == log[16..<24] }
  }

  // MARK: what must hold

  /// Points count right, events form one chain again, and no more than `rows` of the events are gone, which are accounted for.
  func expectWhole(_ store: Store, losing most: Int) throws {
    let points = try store.reader.points()
    let isBalanced = points.allSatisfy(\.ledger.balances)
    #expect(isBalanced)
    let numbering = try #require(try store.reader.numbering())
    let items = try store.reader.items(of: .event, beyond: 0, bytes: .max)
    var hash = ChainHash(numbering.epoch)
    for (number, item) in items.enumerated() {
      hash = hash.appending(item.bytes)
      #expect(item.sequence == UInt64(number + 1) && item.hash == hash)
    }
    #expect(numbering.lanes.first { $0.lane == .event }?.last == UInt64(items.count))
    let kept = Set(
      items.map { String(decoding: $0.bytes, as: UTF8.self) }.compactMap { $0.firstMatch(of: /"reason":"(stuck-\d+)"/)?.1 })
    #expect(kept.count >= transactions - most, "\(kept.count) of \(transactions) events are left")
    if let salvage = store.opening.salvage, salvage.lostFrames == 0 {
      #expect(salvage.lostEventsTotal == transactions - kept.count)
      if kept.count < transactions { #expect(numbering.epoch != epoch) }
    }
    // It goes on, and the judge agrees.
    try store.commit(try Self.work(transactions))
    let judge = try Database(path: path(""), mode: .readOnly)
    let verdict = try judge.first("PRAGMA integrity_check") { $0[0] as String }
    #expect(verdict == "ok")
  }

  /// Nobody noticed: then nothing that counts was in that page.
  func expectUntouched(_ store: Store) throws {
    let items = try store.reader.items(of: .event, beyond: 0, bytes: .max)
    #expect(items.count == transactions)
    #expect(try store.reader.points().allSatisfy(\.ledger.balances))
    let judge = try Database(path: path(""), mode: .readOnly)
    let verdict = try judge.first("PRAGMA integrity_check") { $0[0] as String }
    #expect(verdict == "ok")
  }
}
