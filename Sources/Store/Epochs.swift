import Contracts
import SQLite
import Signal

/// Which numbering of events is in force, and those before it.
struct Epochs {
  let database: Database

  /// The one in force; `nil` in a store that was just made.
  func current() throws(SQLiteError) -> EpochRow? {
    try database.first("SELECT number, epoch, parent, binding FROM epoch ORDER BY number DESC LIMIT 1") {
      row throws(SQLiteError) in
      EpochRow(number: row[0], epoch: row[1], parent: row[2], binding: row[3])
    }
  }

  /// Starts a new numbering. What the plane has not got yet is numbered again from 1; its bytes and the ids in them stay.
  func renew(binding: [UInt8], reason: String, at time: UnixTime) throws(SQLiteError) {
    let old = try current()
    let new = EpochRow(number: (old?.number ?? 0) + 1, epoch: .random(), parent: old?.epoch, binding: binding)
    try database.run(
      "INSERT INTO epoch (number, epoch, parent, binding, reason, started_at) VALUES (?, ?, ?, ?, ?, ?)", new.number, new.epoch,
      new.parent, binding, reason, time)
    let unsent = try old.map { old throws(SQLiteError) in try Lanes(database: database).heads().map { ($0, old.number) } } ?? []
    for lane in Lane.allCases { try Lanes(database: database).save(LaneHead(lane: lane, at: new.epoch)) }
    for (head, number) in unsent { try renumber(head, from: number, to: new) }
  }

  private func renumber(_ old: LaneHead, from number: Int, to epoch: EpochRow) throws(SQLiteError) {
    let gaps = Gaps(database: database)
    var head = LaneHead(lane: old.lane, at: epoch.epoch)
    var next = old.through + 1
    for gap in try gaps.all(of: old.lane, beyond: old.through, in: number) + [nil] {
      try renumber(&head, from: number, next..<max(next, gap?.first ?? .max), to: epoch)
      guard let gap else { break }
      let moved = Gap(
        lane: gap.lane, first: head.last + 1, last: head.last + (gap.last - max(gap.first, next)) + 1, reason: gap.reason,
        count: gap.count, hash: head.hash.appending(gap.hash.bytes))
      try gaps.add(moved, in: epoch.number)
      (head.last, head.hash, next) = (moved.last, moved.hash, gap.last + 1)
    }
    try Lanes(database: database).save(head)
  }

  private func renumber(_ head: inout LaneHead, from number: Int, _ range: Range<UInt64>, to epoch: EpochRow) throws(SQLiteError)
  {
    var next = range.lowerBound
    while true {
      let event = try database.first(
        """
        SELECT row, sequence, bytes FROM event WHERE epoch = ? AND lane = ? AND sequence >= ? AND sequence < ?
        ORDER BY sequence LIMIT 1
        """, number, head.lane.rawValue, next, Int64(clamping: range.upperBound)
      ) { (row: $0[0] as Int, sequence: $0[1] as UInt64, bytes: $0[2] as [UInt8]) }
      guard let event else { return }
      next = event.sequence + 1
      head.advance(over: event.bytes)
      try database.run(
        "UPDATE event SET epoch = ?, sequence = ?, hash = ? WHERE row = ?", epoch.number, head.last, head.hash, event.row)
    }
  }
}

struct EpochRow: Sendable, Equatable {
  let number: Int
  let epoch: Epoch
  let parent: Epoch?
  let binding: [UInt8]
}
