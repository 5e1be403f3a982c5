import Contracts
import SQLite
import Signal

/// What the plane knows: one database, written by one thread. Every answer stands on what is committed.
package final class PlaneStore {
  /// Rises by one at each opening, durably.
  package let incarnation: UInt64
  private let database: Database

  /// Batches of a lane that a gateway may have unanswered.
  private static let window = 4

  /// Opens or makes the database.
  package init(path: String) throws(PlaneError) {
    let database = try PlaneSchema.open(path)
    self.database = database
    do throws(SQLiteError) {
      incarnation = try database.transaction { () throws(SQLiteError) in
        try database.run("UPDATE plane SET incarnation = incarnation + 1")
        return try database.first("SELECT incarnation FROM plane") { $0[0] } ?? 1
      }
    } catch { throw PlaneError(error, path) }
  }

  // MARK: what gateways say

  /// Remembers who speaks; always answered.
  package func take(_ hello: Hello, from gateway: PlaneTopics, at now: UnixTime) throws(SQLiteError) -> Welcome {
    try database.transaction { () throws(SQLiteError) in
      let epoch = try remember(hello, of: try row(of: gateway), at: now)
      var lanes: [Lane: Welcome.Position] = [:]
      for lane in Lane.allCases {
        let follower = try follower(of: lane, in: epoch)
        lanes[lane] = Welcome.Position(through: follower.through, hash: follower.hash)
      }
      return Welcome(
        epoch: hello.epoch, nonce: hello.nonce, planeIncarnation: incarnation, window: Self.window, lanes: lanes)
    }
  }

  package enum Answer: Sendable, Equatable {
    case ack(Ack)
    case nack(Nack)
    /// A batch of a numbering that never said hello: nobody would understand an answer.
    case none
  }

  /// Stores the batch if it continues the log; the answer holds once this returns.
  package func take(_ batch: EventBatch, from gateway: PlaneTopics, at now: UnixTime) throws(SQLiteError) -> Answer {
    try database.transaction { () throws(SQLiteError) in
      guard let epoch = try epoch(batch.header.epoch, of: gateway) else { return .none }
      var follower = try follower(of: batch.header.lane, in: epoch)
      let judgement = try follower.judge(batch, incarnation: epoch.incarnation) { number throws(SQLiteError) in
        try stored(number, of: batch.header.lane, in: epoch)
      }
      switch judgement {
      case .next:
        try store(batch, in: epoch, at: now)
        follower.advance(over: batch)
        try save(follower, of: batch.header, in: epoch)
      case .fork: try keepFork(batch, in: epoch, at: now)
      case .repeated, .refused: break
      }
      return answer(judgement, to: batch.header, in: epoch, expected: follower.expected)
    }
  }

  /// Ignores the last will of an earlier life: an `offline` of a lower incarnation, or of a numbering that was left.
  package func take(_ status: GatewayStatus, from gateway: PlaneTopics, at now: UnixTime) throws(SQLiteError) {
    try database.transaction { () throws(SQLiteError) in
      let id = try row(of: gateway)
      let current = try database.first(
        "SELECT epoch, incarnation FROM epoch WHERE gateway = ? ORDER BY hello_at DESC, id DESC LIMIT 1", id
      ) { (epoch: $0[0] as Epoch, incarnation: $0[1] as UInt64) }
      if status.state == .offline, let current, status.epoch != current.epoch || status.incarnation < current.incarnation {
        return
      }
      try database.run(
        "UPDATE gateway SET state = ?, state_at = ?, connected_at = ? WHERE id = ?", status.state.rawValue, now,
        status.connectedAt, id)
    }
  }

  // MARK: answers

  private func answer(_ judgement: LaneFollower.Judgement, to header: BatchHeader, in epoch: KnownEpoch, expected: UInt64)
    -> Answer
  {
    switch judgement {
    case .next, .repeated:
      // What is acknowledged is this batch, not more: the gateway takes nothing beyond what it sent on this connection.
      .ack(
        Ack(
          epoch: header.epoch, lane: header.lane, nonce: epoch.nonce, planeIncarnation: incarnation, through: header.last,
          hash: header.hash))
    case .fork, .refused: .nack(Nack(epoch: header.epoch, lane: header.lane, nonce: epoch.nonce, expected: expected))
    }
  }

  // MARK: rows

  private struct KnownEpoch {
    var id: Int
    var gateway: Int
    var epoch: Epoch
    var nonce: Nonce
    /// The highest seen.
    var incarnation: UInt64
  }

  private func row(of gateway: PlaneTopics) throws(SQLiteError) -> Int {
    try database.run("INSERT OR IGNORE INTO gateway (fleet, name) VALUES (?, ?)", gateway.fleet, gateway.gateway)
    return try database.first("SELECT id FROM gateway WHERE fleet = ? AND name = ?", gateway.fleet, gateway.gateway) { $0[0] }
      ?? 0
  }

  private func remember(_ hello: Hello, of gateway: Int, at now: UnixTime) throws(SQLiteError) -> KnownEpoch {
    let row = try database.first(
      """
      INSERT INTO epoch (gateway, epoch, parent, incarnation, nonce, version, first_hello_at, hello_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
      ON CONFLICT DO UPDATE SET incarnation = max(incarnation, excluded.incarnation), nonce = excluded.nonce,
        version = excluded.version, hello_at = excluded.hello_at
      RETURNING id, incarnation
      """, gateway, hello.epoch, hello.parentEpoch, hello.incarnation, hello.nonce, hello.version, now
    ) { (id: $0[0] as Int, incarnation: $0[1] as UInt64) }
    return KnownEpoch(
      id: row?.id ?? 0, gateway: gateway, epoch: hello.epoch, nonce: hello.nonce,
      incarnation: row?.incarnation ?? hello.incarnation)
  }

  private func epoch(_ epoch: Epoch, of gateway: PlaneTopics) throws(SQLiteError) -> KnownEpoch? {
    try database.first(
      """
      SELECT epoch.id, gateway.id, nonce, incarnation FROM epoch JOIN gateway ON gateway.id = epoch.gateway
      WHERE fleet = ? AND name = ? AND epoch = ?
      """, gateway.fleet, gateway.gateway, epoch
    ) { KnownEpoch(id: $0[0], gateway: $0[1], epoch: epoch, nonce: $0[2], incarnation: $0[3]) }
  }

  private func follower(of lane: Lane, in epoch: KnownEpoch) throws(SQLiteError) -> LaneFollower {
    try database.first("SELECT through, hash FROM lane WHERE epoch = ? AND lane = ?", epoch.id, lane.rawValue) {
      LaneFollower(through: $0[0], hash: $0[1])
    } ?? LaneFollower(from: epoch.epoch)
  }

  private func stored(_ number: UInt64, of lane: Lane, in epoch: KnownEpoch) throws(SQLiteError) -> ChainHash? {
    try database.first(
      "SELECT hash FROM entry WHERE epoch = ? AND lane = ? AND sequence = ?", epoch.id, lane.rawValue, number
    ) { $0[0] }
  }

  private func save(_ follower: LaneFollower, of header: BatchHeader, in epoch: KnownEpoch) throws(SQLiteError) {
    try database.run(
      "INSERT OR REPLACE INTO lane (epoch, lane, through, hash) VALUES (?, ?, ?, ?)", epoch.id, header.lane.rawValue,
      follower.through, follower.hash)
    try database.run("UPDATE epoch SET incarnation = max(incarnation, ?) WHERE id = ?", header.incarnation, epoch.id)
  }

  /// Numbers every event; one that came under another number before stays where it is, one with other bytes is a fork.
  private func store(_ batch: EventBatch, in epoch: KnownEpoch, at now: UnixTime) throws(SQLiteError) {
    for (sequence, event) in zip(batch.header.first..., batch.events) {
      try database.run(
        "INSERT INTO entry (epoch, lane, sequence, hash) VALUES (?, ?, ?, ?)", epoch.id, batch.header.lane.rawValue, sequence,
        batch.hash(at: sequence))
      let facts = EventFacts(event, orNumbered: "\(epoch.epoch):\(batch.header.lane.rawValue):\(sequence)")
      try database.run(
        """
        INSERT OR IGNORE INTO event (gateway, id, lane, time, type, subject, received_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """, epoch.gateway, facts.id, batch.header.lane.rawValue, facts.time, facts.type, facts.subject, now, event)
      let kept = try database.first("SELECT bytes FROM event WHERE gateway = ? AND id = ?", epoch.gateway, facts.id) {
        $0[0] as [UInt8]
      }
      if kept != event { try keepFork(event, id: facts.id, sequence, of: batch, in: epoch, at: now) }
    }
  }

  private func keepFork(_ batch: EventBatch, in epoch: KnownEpoch, at now: UnixTime) throws(SQLiteError) {
    for (sequence, event) in zip(batch.header.first..., batch.events) {
      guard try stored(sequence, of: batch.header.lane, in: epoch) != batch.hash(at: sequence) else { continue }
      let facts = EventFacts(event, orNumbered: "\(epoch.epoch):\(batch.header.lane.rawValue):\(sequence)")
      try keepFork(event, id: facts.id, sequence, of: batch, in: epoch, at: now)
    }
  }

  private func keepFork(
    _ event: [UInt8], id: String, _ sequence: UInt64, of batch: EventBatch, in epoch: KnownEpoch, at now: UnixTime
  ) throws(SQLiteError) {
    try database.run(
      """
      INSERT OR IGNORE INTO fork (gateway, epoch, lane, sequence, id, hash, received_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """, epoch.gateway, epoch.epoch, batch.header.lane.rawValue, sequence, id, batch.hash(at: sequence), now, event)
  }
}
