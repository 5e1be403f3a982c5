import Anomaly
import Contracts
import SQLite
import Signal

/// The events for the plane: numbered, chained, and kept as the bytes that are sent (PROTOCOL "Lanes").
/// What waits for the plane is what lies beyond `through`; nothing is deleted or marked when it was sent.
struct Lanes {
  let database: Database

  /// Where each lane stands, in the order of `Lane.allCases`.
  func heads() throws(SQLiteError) -> [LaneHead] {
    try Lane.allCases.map { lane throws(SQLiteError) in try head(of: lane) }
  }

  /// Makes events of the occurrences, in their order.
  func append(_ occurrences: [Occurrence], from origin: EventOrigin, in epoch: EpochRow) throws(SQLiteError) {
    for lane in Lane.allCases {
      let mine = occurrences.filter { $0.lane == lane }
      guard !mine.isEmpty else { continue }
      var head = try head(of: lane)
      for occurrence in mine { try append(occurrence, to: &head, from: origin, in: epoch) }
      try save(head)
    }
  }

  private func append(
    _ occurrence: Occurrence, to head: inout LaneHead, from origin: EventOrigin, in epoch: EpochRow
  ) throws(SQLiteError) {
    let event = CloudEvent(occurrence, from: origin, epoch: epoch.epoch, sequence: head.last + 1)
    let bytes = event.encoded(with: occurrence.kind)
    head.advance(over: bytes)
    try database.run(
      """
      INSERT INTO event (epoch, lane, sequence, id, time, type, subject, hash, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, epoch.number, head.lane.rawValue, head.last, event.id, event.time, event.type, occurrence.subject, head.hash, bytes)
  }

  /// Takes the plane's word for how far it has a lane, when number and hash are ours.
  func take(_ position: LanePosition, in epoch: EpochRow) throws(SQLiteError) {
    guard position.epoch == epoch.epoch, try hash(of: position.lane, at: position.through, in: epoch) == position.hash else {
      return
    }
    var head = try head(of: position.lane)
    (head.through, head.throughHash) = (position.through, position.hash)
    try save(head)
  }

  /// The chain's hash at a number; `nil` when the lane never had it or has it no longer.
  func hash(of lane: Lane, at sequence: UInt64, in epoch: EpochRow) throws(SQLiteError) -> ChainHash? {
    if sequence == 0 { return ChainHash(epoch.epoch) }
    return try database.first(
      "SELECT hash FROM event WHERE epoch = ? AND lane = ? AND sequence = ?", epoch.number, lane.rawValue, sequence
    ) { $0[0] }
  }

  /// Events beyond `sequence` in order: at least one if there is one, and no more than `bytes` allow.
  func items(of lane: Lane, beyond sequence: UInt64, bytes limit: Int, in epoch: EpochRow) throws(SQLiteError) -> [LaneItem] {
    let statement = try database.prepare(
      "SELECT sequence, hash, bytes FROM event WHERE epoch = ? AND lane = ? AND sequence > ? ORDER BY sequence")
    try statement.bind(epoch.number, lane.rawValue, sequence)
    var items: [LaneItem] = []
    var size = 0
    while try statement.step() {
      let item = LaneItem(sequence: statement[0], hash: statement[1], bytes: statement[2])
      size += item.bytes.count + 1
      if !items.isEmpty, size > limit { break }
      items.append(item)
    }
    return items
  }

  /// The newest of all lanes and epochs, newest first.
  func newest(_ limit: Int) throws(SQLiteError) -> [EventRecord] {
    try database.rows(
      """
      SELECT event.lane, sequence, id, time, type, subject, bytes,
        sequence <= through OR epoch < (SELECT max(number) FROM epoch)
      FROM event JOIN lane ON lane.lane = event.lane ORDER BY row DESC LIMIT ?
      """, limit
    ) { row throws(SQLiteError) in
      EventRecord(
        lane: row.text(0, as: Lane.self) ?? .event, sequence: row[1], id: row[2], time: row[3], type: row[4], subject: row[5],
        bytes: row[6], isDelivered: row[7])
    }
  }

  /// The newest events of one lane of the current epoch, newest first, without their bytes.
  func history(of lane: Lane, newest limit: Int, in epoch: EpochRow) throws(SQLiteError) -> [EventMark] {
    try database.rows(
      "SELECT type, subject, time FROM event WHERE epoch = ? AND lane = ? ORDER BY sequence DESC LIMIT ?", epoch.number,
      lane.rawValue, limit
    ) { row throws(SQLiteError) in EventMark(type: row[0], subject: row[1], time: row[2]) }
  }

  func oldestUnsent(in epoch: EpochRow) throws(SQLiteError) -> UnixTime? {
    let oldest: UnixTime?? = try database.first(
      """
      SELECT min((SELECT time FROM event WHERE epoch = ? AND event.lane = lane.lane AND sequence = through + 1))
      FROM lane
      """, epoch.number
    ) { $0[0] }
    return oldest ?? nil
  }

  private func head(of lane: Lane) throws(SQLiteError) -> LaneHead {
    let head = try database.first("SELECT last, hash, through, through_hash FROM lane WHERE lane = ?", lane.rawValue) {
      row throws(SQLiteError) in LaneHead(lane: lane, last: row[0], hash: row[1], through: row[2], throughHash: row[3])
    }
    guard let head else {
      throw SQLiteError(operation: "read", object: "lane \(lane)", reason: "row is missing", extendedCode: SQLiteError.corrupt)
    }
    return head
  }

  func save(_ head: LaneHead) throws(SQLiteError) {
    try database.run(
      "INSERT OR REPLACE INTO lane (lane, last, hash, through, through_hash) VALUES (?, ?, ?, ?, ?)", head.lane.rawValue,
      head.last,
      head.hash, head.through, head.throughHash)
  }
}

/// Where a lane stands: its newest event, and how far the plane has it.
package struct LaneHead: Sendable, Equatable {
  package let lane: Lane
  /// 0 before the first event.
  package var last: UInt64
  package var hash: ChainHash
  package var through: UInt64
  package var throughHash: ChainHash

  init(lane: Lane, last: UInt64, hash: ChainHash, through: UInt64, throughHash: ChainHash) {
    self.lane = lane
    self.last = last
    self.hash = hash
    self.through = through
    self.throughHash = throughHash
  }

  /// At the start of an epoch.
  init(lane: Lane, at epoch: Epoch) {
    self.init(lane: lane, last: 0, hash: ChainHash(epoch), through: 0, throughHash: ChainHash(epoch))
  }

  mutating func advance(over event: [UInt8]) {
    last += 1
    hash = hash.appending(event)
  }
}

/// One event as it waits for the plane.
package struct LaneItem: Sendable, Equatable {
  package let sequence: UInt64
  /// The chain's hash with this event.
  package let hash: ChainHash
  /// The line that is sent, without its newline.
  package let bytes: [UInt8]
}
