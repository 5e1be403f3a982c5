import Contracts
import SQLite
import Signal

/// The lanes of one numbering as they are stored: how far, which hashes, which events, which conflicts.
struct FollowedLanes {
  let database: Database
  let epoch: KnownEpoch

  func follower(of lane: Lane) throws(SQLiteError) -> LaneFollower {
    try database.first("SELECT through, hash FROM lane WHERE epoch = ? AND lane = ?", epoch.id, lane.rawValue) {
      LaneFollower(through: $0[0], hash: $0[1])
    } ?? LaneFollower(from: epoch.epoch)
  }

  /// The chain at a number that is stored.
  func hash(of lane: Lane, at number: UInt64) throws(SQLiteError) -> ChainHash? {
    try database.first(
      "SELECT hash FROM entry WHERE epoch = ? AND lane = ? AND sequence = ?", epoch.id, lane.rawValue, number
    ) { $0[0] }
  }

  /// Numbers every event; one that came under another number before stays where it is, one with other bytes is a fork.
  func append(_ batch: EventBatch, to follower: LaneFollower, at now: UnixTime) throws(SQLiteError) {
    for line in Line.all(of: batch) {
      try database.run(
        "INSERT INTO entry (epoch, lane, sequence, hash) VALUES (?, ?, ?, ?)", epoch.id, line.lane.rawValue, line.sequence,
        line.hash)
      if let gap = GapLine(line.event) {
        try keep(gap, of: line.lane, at: now)
        continue
      }
      let facts = EventFacts(line, of: epoch)
      try database.run(
        """
        INSERT OR IGNORE INTO event (gateway, id, lane, time, type, subject, received_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """, epoch.gateway, facts.id, line.lane.rawValue, facts.time, facts.type, facts.subject, now, line.event)
      let isNew = try database.first("SELECT changes()") { $0[0] as Int } == 1
      if isNew { try StandingAlarms(database: database, gateway: epoch.gateway).take(line.event, facts) }
      let kept = try database.first("SELECT bytes FROM event WHERE gateway = ? AND id = ?", epoch.gateway, facts.id) {
        $0[0] as [UInt8]
      }
      if kept != line.event { try keepFork(line, at: now) }
      if kept == line.event { try Boots(database: database, gateway: epoch.gateway).take(line.event, facts) }
      if facts.type == LedgerSummary.type { try Ledgers(database: database, gateway: epoch.gateway).take(line.event) }
    }
    var follower = follower
    follower.advance(over: batch)
    try save(follower, of: batch.header)
  }

  private func keep(_ gap: GapLine, of lane: Lane, at now: UnixTime) throws(SQLiteError) {
    try database.run(
      "INSERT OR REPLACE INTO gap (epoch, lane, first, last, reason, count, received_at) VALUES (?, ?, ?, ?, ?, ?, ?)", epoch.id,
      lane.rawValue, gap.from, gap.to, gap.reason, gap.count, now)
  }

  /// Keeps what contradicts the stored numbers.
  func keepForks(of batch: EventBatch, at now: UnixTime) throws(SQLiteError) {
    for line in Line.all(of: batch) where try hash(of: line.lane, at: line.sequence) != line.hash { try keepFork(line, at: now) }
  }

  private func keepFork(_ line: Line, at now: UnixTime) throws(SQLiteError) {
    try database.run(
      """
      INSERT OR IGNORE INTO fork (gateway, epoch, lane, sequence, id, hash, received_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """, epoch.gateway, epoch.epoch, line.lane.rawValue, line.sequence, EventFacts(line, of: epoch).id, line.hash, now,
      line.event)
  }

  private func save(_ follower: LaneFollower, of header: BatchHeader) throws(SQLiteError) {
    try database.run(
      "INSERT OR REPLACE INTO lane (epoch, lane, through, hash) VALUES (?, ?, ?, ?)", epoch.id, header.lane.rawValue,
      follower.through, follower.hash)
    try database.run("UPDATE epoch SET incarnation = max(incarnation, ?) WHERE id = ?", header.incarnation, epoch.id)
  }
}

/// One event of a batch with its place in the chain.
struct Line {
  let lane: Lane
  let sequence: UInt64
  let hash: ChainHash
  let event: [UInt8]

  static func all(of batch: EventBatch) -> [Line] {
    zip(batch.numbers, zip(batch.hashes, batch.events)).map {
      Line(lane: batch.header.lane, sequence: $0, hash: $1.0, event: $1.1)
    }
  }
}
