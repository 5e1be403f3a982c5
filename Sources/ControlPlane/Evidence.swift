import Contracts
import SQLite
import Signal

/// A waveform that a gateway kept, as `thrum-plane evidence --json` prints it.
package struct EvidenceRow: Sendable, Equatable, Encodable {
  package var fleet: String
  package var gateway: String
  package var id: String
  /// `machine/point`.
  package var point: String
  package var cause: String
  @OrNull package var time: UnixTime?
  package var partsHere: Int
  package var parts: Int
  package var isSealed: Bool
}

extension PlaneReader {
  private struct Document: Decodable { var data: WaveformPart }

  /// In order of arrival; those of the lane of samples too.
  package func evidence(of gateway: String? = nil) throws(PlaneError) -> [EvidenceRow] {
    var rows: [String: EvidenceRow] = [:]
    var parts: [String: Set<Int>] = [:]
    var order: [String] = []
    try eachPart(gateway, id: nil) { fleet, name, subject, time, part in
      if rows[part.evidence] == nil {
        order.append(part.evidence)
        rows[part.evidence] = EvidenceRow(
          fleet: fleet, gateway: name, id: part.evidence, point: subject, cause: part.cause, time: time, partsHere: 0,
          parts: part.of, isSealed: part.codec == .sealed)
      }
      parts[part.evidence, default: []].insert(part.part)
      rows[part.evidence]?.partsHere = parts[part.evidence]?.count ?? 0
    }
    return order.compactMap { rows[$0] }
  }

  /// One of them, whole.
  /// - Parameter key: that its gateway sealed it with.
  package func waveform(_ id: String, key: [UInt8]?) throws(PlaneError) -> WaveformDocument {
    var parts: [WaveformPart] = []
    try eachPart(nil, id: id) { _, _, _, _, part in parts.append(part) }
    do throws(PlaneMessageError) {
      let (codec, box) = try WaveformPart.join(parts)
      return try WaveformDocument(decoding: try WaveformBox.open(box, codec: codec, key: key, name: id))
    } catch { throw PlaneError("read", id, reason: "\(error)", remedy: "`thrum-plane evidence` lists what is there") }
  }

  private func eachPart(
    _ gateway: String?, id: String?, _ take: (String, String, String, UnixTime?, WaveformPart) -> Void
  ) throws(PlaneError) {
    try naming { () throws(SQLiteError) in
      let statement = try database.prepare(
        """
        SELECT fleet, name, subject, time, bytes FROM event JOIN gateway ON gateway.id = event.gateway
        WHERE lane IN ('evidence', 'sample') AND type IN (?1, ?2) AND (?3 IS NULL OR name = ?3) ORDER BY row
        """)
      try statement.bind(WaveformPart.evidenceType, WaveformPart.sampleType, gateway)
      while try statement.step() {
        guard let part = try? JSON.decode(Document.self, from: statement[4] as [UInt8]).data, id == nil || part.evidence == id
        else {
          continue
        }
        take(statement[0], statement[1], statement[2], statement[3], part)
      }
    }
  }
}
