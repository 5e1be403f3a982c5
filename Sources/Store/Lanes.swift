import Anomaly
import Contracts
import SQLite
import Signal

/// The events for the plane: numbered, chained, and kept as the bytes that are sent (PROTOCOL "Lanes").
/// What waits for the plane is what lies beyond `through`; nothing is deleted or marked when it was sent.
struct Lanes {
  let database: Database
  /// When what is told was read, by both clocks; `nil`: the clock is not looked at.
  var clock: ClockStamp?

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
    var event = CloudEvent(occurrence, from: origin, epoch: epoch.epoch, sequence: head.last + 1)
    event.note(clock)
    try insert(event, event.encoded(with: occurrence.kind), to: &head, in: epoch)
  }

  /// What the store tells of itself: numbered and chained as any other event.
  func append(_ type: String, _ data: some Encodable, at time: UnixTime, from origin: EventOrigin, in epoch: EpochRow)
    throws(SQLiteError)
  {
    var head = try head(of: .event)
    var event = CloudEvent(type: type, at: time, from: origin, epoch: epoch.epoch, sequence: head.last + 1)
    event.note(clock)
    try insert(event, event.encoded(with: data), to: &head, in: epoch)
    try save(head)
  }

  private func insert(_ event: CloudEvent, _ bytes: [UInt8], to head: inout LaneHead, in epoch: EpochRow) throws(SQLiteError) {
    head.advance(over: bytes)
    try database.run(
      """
      INSERT INTO event (epoch, lane, sequence, id, time, type, subject, hash, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, epoch.number, head.lane.rawValue, head.last, event.id, event.time, event.type, event.subject ?? "", head.hash, bytes)
    if let clock { try Doubts(database: database).noteEvent(clock) }
  }

  /// Takes the plane's word for how far it has a lane, when number and hash are ours.
  func take(_ position: LanePosition, in epoch: EpochRow) throws(SQLiteError) {
    guard position.epoch == epoch.epoch else { return }
    if try hash(of: position.lane, at: position.through, in: epoch) != position.hash {
      guard try isGivenUp(position.through, of: position.lane, in: epoch) else { return }
    }
    var head = try head(of: position.lane)
    (head.through, head.throughHash) = (position.through, position.hash)
    try save(head)
  }

  /// The chain's hash at a number; `nil` when the lane never had it or has it no longer.
  func hash(of lane: Lane, at sequence: UInt64, in epoch: EpochRow) throws(SQLiteError) -> ChainHash? {
    if sequence == 0 { return ChainHash(epoch.epoch) }
    let kept = try database.first(
      "SELECT hash FROM event WHERE epoch = ? AND lane = ? AND sequence = ?", epoch.number, lane.rawValue, sequence
    ) { $0[0] as ChainHash }
    if let kept { return kept }
    let gap = try Gaps(database: database).around(sequence, of: lane, in: epoch.number)
    if gap?.last == sequence { return gap?.hash }
    // Within a gap only the plane's own word is known.
    let head = gap == nil ? nil : try head(of: lane)
    return head?.through == sequence ? head?.throughHash : nil
  }

  /// The number lies within a gap: what its hash was is not known any more.
  func isGivenUp(_ sequence: UInt64, of lane: Lane, in epoch: EpochRow) throws(SQLiteError) -> Bool {
    guard sequence > 0, let gap = try Gaps(database: database).around(sequence, of: lane, in: epoch.number) else { return false }
    return sequence < gap.last
  }

  /// Events and gaps beyond `sequence` in order: at least one if there is one, and no more than `bytes` allow.
  func items(of lane: Lane, beyond sequence: UInt64, bytes limit: Int, in epoch: EpochRow) throws(SQLiteError) -> [LaneItem] {
    var gaps = try Gaps(database: database).all(of: lane, beyond: sequence, in: epoch.number)
    let statement = try database.prepare(
      "SELECT sequence, hash, bytes FROM event WHERE epoch = ? AND lane = ? AND sequence > ? ORDER BY sequence")
    try statement.bind(epoch.number, lane.rawValue, sequence)
    var items: [LaneItem] = []
    var size = 0
    /// - Returns: whether there was room.
    func add(_ item: LaneItem) -> Bool {
      size += item.bytes.count + 1
      if !items.isEmpty, size > limit { return false }
      items.append(item)
      return true
    }
    while try statement.step() {
      let item = LaneItem(first: statement[0], sequence: statement[0], hash: statement[1], bytes: statement[2])
      while let gap = gaps.first, gap.first < item.sequence {
        guard add(LaneItem(gap, beyond: sequence)) else { return items }
        gaps.removeFirst()
      }
      guard add(item) else { return items }
    }
    for gap in gaps { guard add(LaneItem(gap, beyond: sequence)) else { return items } }
    return items
  }

  /// Measurements for the plane: numbered and chained as events are.
  func append(
    _ lane: Lane, _ type: String, _ data: some Encodable, subject: String, at time: UnixTime, from origin: EventOrigin,
    in epoch: EpochRow
  ) throws(SQLiteError) {
    var head = try head(of: lane)
    var event = CloudEvent(
      lane, type: type, subject: subject, at: time, from: origin, epoch: epoch.epoch, sequence: head.last + 1)
    event.note(clock)
    try insert(event, event.encoded(with: data), to: &head, in: epoch)
    try save(head)
  }

  /// The newest of one lane, or of those that people read, of all epochs, newest first.
  func newest(_ limit: Int, of lane: Lane?) throws(SQLiteError) -> [EventRecord] {
    try database.rows(
      """
      SELECT event.lane, sequence, id, time, type, subject, bytes,
        sequence <= through OR epoch < (SELECT max(number) FROM epoch),
        (SELECT corrected FROM doubt
          WHERE kind = 'event' AND point = 0 AND doubt.row = event.row)
      FROM event JOIN lane ON lane.lane = event.lane WHERE event.lane IN (\(Self.names(lane))) ORDER BY row DESC LIMIT ?
      """, limit
    ) { row throws(SQLiteError) in
      EventRecord(
        lane: row.text(0, as: Lane.self) ?? .event, sequence: row[1], id: row[2], time: row[3], type: row[4], subject: row[5],
        bytes: row[6], isDelivered: row[7],
        clock: row.isNull(8) ? nil : ClockMark(isPutRight: row[8], event: row[6]))
    }
  }

  private static func names(_ lane: Lane?) -> String {
    (lane.map { [$0] } ?? Lane.told).map { "'\($0.rawValue)'" }.joined(separator: ", ")
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
      SELECT min((
        SELECT time FROM event WHERE epoch = ? AND event.lane = lane.lane AND sequence > through ORDER BY sequence LIMIT 1))
      FROM lane
      """, epoch.number
    ) { $0[0] }
    return oldest ?? nil
  }

  func head(of lane: Lane) throws(SQLiteError) -> LaneHead {
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

/// One event, or one gap, as it waits for the plane.
package struct LaneItem: Sendable, Equatable {
  /// Of an event its number; of a gap its first.
  package let first: UInt64
  /// Of an event its number; of a gap its last.
  package let sequence: UInt64
  /// The chain's hash behind it.
  package let hash: ChainHash
  /// The line that is sent, without its newline.
  package let bytes: [UInt8]

  init(first: UInt64, sequence: UInt64, hash: ChainHash, bytes: [UInt8]) {
    (self.first, self.sequence, self.hash, self.bytes) = (first, sequence, hash, bytes)
  }

  /// - Parameter sequence: the plane has the lane up to there, which may be within the gap.
  init(_ gap: Gap, beyond sequence: UInt64) {
    let first = max(gap.first, sequence + 1)
    let count = first == gap.first ? gap.count : Int(gap.last - first) + 1
    let line = GapLine(from: first, to: gap.last, reason: gap.reason, count: count, hash: gap.hash)
    self.init(first: first, sequence: gap.last, hash: gap.hash, bytes: line.encoded)
  }
}
