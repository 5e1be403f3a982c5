import Anomaly
import Contracts
import SQLite
import Signal

/// A waveform that is kept with an event, or was chosen for training, in the parts that its lane carries.
package struct WaveformRow: Sendable, Equatable, Encodable {
  /// The id of the event that carries its first part.
  package var id: String
  package var machine: String
  package var point: String
  /// `alarm`, `warning`, `recovered`, `healthy`, `asked`.
  package var cause: String
  /// Of the last sample.
  package var time: UnixTime
  package var parts: Int
  package var isSealed: Bool
}

extension StoreReader {
  private struct Document: Decodable { var data: WaveformPart }

  /// A point's waveforms of which the first part is still kept, oldest first.
  package func waveforms(of point: PointID) throws(StoreError) -> [WaveformRow] {
    try read { database throws(SQLiteError) in
      var rows: [WaveformRow] = []
      try database.each(
        """
        SELECT time, bytes FROM event WHERE lane IN ('evidence', 'sample') AND type IN (?, ?) AND subject = ? ORDER BY row
        """, WaveformPart.evidenceType, WaveformPart.sampleType, point.description
      ) { row throws(SQLiteError) in
        guard let part = try? JSON.decode(Document.self, from: row[1] as [UInt8]).data, part.part == 1 else { return }
        rows.append(
          WaveformRow(
            id: part.evidence, machine: point.machine, point: point.point, cause: part.cause, time: row[0], parts: part.of,
            isSealed: part.codec == .sealed))
      }
      return rows
    }
  }

  /// One of them, whole.
  /// - Parameter key: that it was sealed with; `nil`: none is at hand.
  /// - Throws: when parts are kept no more, or the key does not open it.
  package func waveform(_ id: String, key: [UInt8]?) throws(StoreError) -> WaveformDocument {
    let parts = try parts(of: id)
    do throws(PlaneMessageError) {
      let (codec, box) = try WaveformPart.join(parts)
      return try WaveformDocument(decoding: try WaveformBox.open(box, codec: codec, key: key, name: id))
    } catch { throw StoreError("read", "waveform \(id)", reason: "\(error)") }
  }

  /// They stand one behind the other in their lane, written in one transaction.
  private func parts(of id: String) throws(StoreError) -> [WaveformPart] {
    try read { database throws(SQLiteError) in
      let first = try database.first("SELECT row, lane FROM event WHERE id = ? AND lane IN ('evidence', 'sample')", id) {
        (row: $0[0] as Int, lane: $0[1] as String)
      }
      guard let first else { return [] }
      var parts: [WaveformPart] = []
      let statement = try database.prepare("SELECT bytes FROM event WHERE row >= ? AND lane = ? ORDER BY row")
      try statement.bind(first.row, first.lane)
      while try statement.step(), parts.count < parts.first?.of ?? 1 {
        guard let part = try? JSON.decode(Document.self, from: statement[0] as [UInt8]).data, part.evidence == id else { break }
        parts.append(part)
      }
      return parts
    }
  }
}
