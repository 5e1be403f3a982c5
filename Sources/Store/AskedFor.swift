import Contracts
import SQLite
import Signal

/// What the store has to say to a question of the plane; committed as a part of a change.
package struct PlaneAnswer: Sendable, Equatable {
  package var report: AskedReport
  package var parts: [KeptPart] = []
  package var time: UnixTime

  package init(_ report: AskedReport, parts: [KeptPart] = [], at time: UnixTime) {
    (self.report, self.parts, self.time) = (report, parts, time)
  }
}

/// A part of a waveform as it was sent once.
package struct KeptPart: Sendable, Equatable {
  package var part: WaveformPart
  package var subject: String
  package var time: UnixTime
}

/// Finds the waveforms that were kept with an event. What happened together was committed together: its rows are neighbours.
struct AskedFor {
  let database: Database
  let epoch: EpochRow

  private struct Place {
    var row: Int
    var lane: Lane
    var time: UnixTime
    var subject: String
  }

  private struct Found {
    var kept: KeptPart
    var isDelivered: Bool
  }

  func answer(_ question: PlaneQuestion, at now: UnixTime) throws(SQLiteError) -> PlaneAnswer {
    guard question.what == .evidence else { return PlaneAnswer(AskedReport(question, .sent), at: now) }
    guard let place = try place(of: question.event ?? "") else { return PlaneAnswer(AskedReport(question, .unknown), at: now) }
    let found = try parts(around: place)
    let wanted = place.lane == .evidence ? found.filter { $0.kept.part.evidence == question.event } : found
    let whole = Dictionary(grouping: wanted, by: \.kept.part.evidence).filter { $1.count == $1[0].kept.part.of }
    let ids = whole.keys.sorted()
    guard !ids.isEmpty else { return PlaneAnswer(AskedReport(question, .notKept), at: now) }
    // What waits comes by itself.
    let again = ids.filter { whole[$0]?.allSatisfy(\.isDelivered) == true }
    let parts = again.flatMap { (whole[$0] ?? []).map(\.kept).sorted { $0.part.part < $1.part.part } }
    return PlaneAnswer(AskedReport(question, again.isEmpty ? .waiting : .sent, evidence: ids), parts: parts, at: now)
  }

  /// An id says where its event stood first; a new epoch may have numbered it again.
  private func place(of id: String) throws(SQLiteError) -> Place? {
    let words = id.split(separator: ":", omittingEmptySubsequences: false)
    guard words.count == 4, let lane = Lane(rawValue: String(words[2])), let number = UInt64(words[3]), number < 1 << 62 else {
      return nil
    }
    let columns = "SELECT event.row, lane, time, subject FROM event"
    if let epoch = Epoch(hex: String(words[1])) {
      let here = try database.first(
        """
        \(columns) JOIN epoch ON epoch.number = event.epoch WHERE epoch.epoch = ? AND lane = ? AND sequence = ? AND id = ?
        """, epoch, lane.rawValue, number, id
      ) { row throws(SQLiteError) in Self.place(row) }
      if let here { return here }
    }
    return try database.first(
      "\(columns) WHERE lane = ? AND id = ? AND row > (SELECT max(row) FROM event) - ?", lane.rawValue, id, Self.mostSearched
    ) { row throws(SQLiteError) in Self.place(row) }
  }

  private static func place(_ row: borrowing Statement) -> Place {
    Place(row: row[0], lane: row.text(1, as: Lane.self) ?? .event, time: row[2], subject: row[3])
  }

  private func parts(around place: Place) throws(SQLiteError) -> [Found] {
    let machine = String(place.subject.prefix { $0 != "/" })
    let heads = try Lanes(database: database).head(of: .evidence)
    return try database.rows(
      """
      SELECT subject, time, bytes, epoch < ? OR sequence <= ? FROM event
      WHERE row BETWEEN ? AND ? AND lane = 'evidence' AND type = ? AND abs(time - ?) <= ? ORDER BY row
      """, epoch.number, heads.through, place.row - Self.neighbours, place.row + Self.neighbours, WaveformPart.evidenceType,
      place.time, Self.mostNanoseconds
    ) { row throws(SQLiteError) -> Found? in
      let subject: String = row[0]
      guard subject == place.subject || subject.hasPrefix(machine + "/"),
        let part = try? JSON.decode(Document.self, from: row[2] as [UInt8]).data
      else { return nil }
      return Found(kept: KeptPart(part: part, subject: subject, time: row[1]), isDelivered: row[3])
    }.compactMap(\.self)
  }

  private struct Document: Decodable { var data: WaveformPart }

  private static let neighbours = 2000
  /// Between an event and its waveform.
  private static let mostNanoseconds: Int64 = 120_000_000_000
  private static let mostSearched = 100_000
}

extension PlaneFeed {
  /// What was asked for goes in its lane once more, under the name it was kept with: a sealed box opens under no other.
  func add(_ answer: PlaneAnswer) throws(SQLiteError) {
    for kept in answer.parts { try append(.evidence, WaveformPart.evidenceType, kept.part, kept.subject, kept.time) }
    if answer.report.what == .ledger { try addLedgers(at: answer.time) }
    try append(.event, AskedReport.type, answer.report, "", answer.time)
  }
}

extension StoreReader {
  /// - Returns: what to commit; `nil` when it is answered already, and the plane has not heard it yet.
  package func answer(_ question: PlaneQuestion, at now: UnixTime) throws(StoreError) -> PlaneAnswer? {
    try read { database throws(SQLiteError) in
      guard let epoch = try Epochs(database: database).current() else { return nil }
      let head = try Lanes(database: database).head(of: .event)
      let waiting = try database.rows(
        "SELECT bytes FROM event WHERE epoch = ? AND lane = 'event' AND sequence > ? AND type = ?", epoch.number, head.through,
        AskedReport.type
      ) { String(decoding: $0[0] as [UInt8], as: UTF8.self) }
      guard !waiting.contains(where: { $0.contains("\"question\":\"\(question.id)\"") }) else { return nil }
      return try AskedFor(database: database, epoch: epoch).answer(question, at: now)
    }
  }
}
