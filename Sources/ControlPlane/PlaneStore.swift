import Contracts
import SQLite
import Signal

/// What the plane knows: one database, written by one thread. Every answer stands on what is committed.
package final class PlaneStore {
  /// Rises by one at each opening, durably.
  package let incarnation: UInt64
  let database: Database
  /// By fleet; forgotten when a gateway reports.
  var haltsKnown: [String: [Halt]] = [:]

  /// Questions that gateways have answered, since this was asked last.
  private var answered: [String] = []

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

  /// Remembers who speaks; always answered.
  package func take(_ hello: Hello, from gateway: PlaneTopics, at now: UnixTime) throws(SQLiteError) -> Welcome {
    try database.transaction { () throws(SQLiteError) in
      let epoch = try Registry(database: database).take(hello, from: gateway, at: now)
      let lanes = FollowedLanes(database: database, epoch: epoch)
      var positions: [Lane: Welcome.Position] = [:]
      for lane in Lane.allCases {
        let follower = try lanes.follower(of: lane)
        positions[lane] = Welcome.Position(through: follower.through, hash: follower.hash)
      }
      return Welcome(
        epoch: hello.epoch, nonce: hello.nonce, planeIncarnation: incarnation, window: Self.window, lanes: positions)
    }
  }

  package func take(_ status: GatewayStatus, from gateway: PlaneTopics, at now: UnixTime) throws(SQLiteError) {
    try database.transaction { () throws(SQLiteError) in
      try Registry(database: database).take(status, from: gateway, at: now)
    }
  }

  /// Stores the batch if it continues the log; the answer holds once this returns.
  package func take(_ batch: EventBatch, from gateway: PlaneTopics, at now: UnixTime) throws(SQLiteError) -> Answer {
    let answer = try follow(batch, from: gateway, at: now)
    if case .ack = answer, batch.header.lane == .event { answered += batch.events.compactMap(Self.question) }
    return answer
  }

  /// Each is told once.
  func takeAnswered() -> [String] {
    defer { answered = [] }
    return answered
  }

  private struct Asked: Decodable { var data: AskedReport }

  /// Which question an event answers.
  private static func question(_ event: [UInt8]) -> String? {
    guard event.count < 4096, String(decoding: event, as: UTF8.self).contains("\"\(AskedReport.type)\"") else { return nil }
    return (try? JSON.decode(Asked.self, from: event))?.data.question
  }

  private func follow(_ batch: EventBatch, from gateway: PlaneTopics, at now: UnixTime) throws(SQLiteError) -> Answer {
    try database.transaction { () throws(SQLiteError) in
      let header = batch.header
      guard let epoch = try Registry(database: database).epoch(header.epoch, of: gateway) else { return .none }
      let lanes = FollowedLanes(database: database, epoch: epoch)
      let follower = try lanes.follower(of: header.lane)
      let judgement = try follower.judge(batch, incarnation: epoch.incarnation) { number throws(SQLiteError) in
        try lanes.hash(of: header.lane, at: number)
      }
      switch judgement {
      case .next: try lanes.append(batch, to: follower, at: now)
      case .fork: try lanes.keepForks(of: batch, at: now)
      case .repeated, .refused: break
      }
      return judgement.isStored ? ack(header, epoch.nonce) : nack(header, epoch.nonce, expected: follower.expected)
    }
  }

  package enum Answer: Sendable, Equatable {
    case ack(Ack)
    case nack(Nack)
    /// A batch of a numbering that never said hello: nobody would understand an answer.
    case none
  }

  /// Acknowledges this batch, not more: a gateway takes nothing beyond what it sent on its connection.
  private func ack(_ header: BatchHeader, _ nonce: Nonce) -> Answer {
    .ack(
      Ack(
        epoch: header.epoch, lane: header.lane, nonce: nonce, planeIncarnation: incarnation, through: header.last,
        hash: header.hash))
  }

  private func nack(_ header: BatchHeader, _ nonce: Nonce, expected: UInt64) -> Answer {
    .nack(Nack(epoch: header.epoch, lane: header.lane, nonce: nonce, expected: expected))
  }
}
