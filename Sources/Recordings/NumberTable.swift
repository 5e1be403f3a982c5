/// A small table of numbers beside a recording, such as pulse times or a speed; written as a recording in CSV is.
package enum NumberTable {
  /// - Returns: as many columns, the file's first ones, all of the same length.
  package static func read(_ path: String, columns: Int) throws(RecordingError) -> [[Double]] {
    let bytes = try FileBytes.read(path)
    do {
      return try (1...max(1, columns)).map { column throws(RecordingError) in try CSVColumn.read(bytes, column: column) { $0 } }
    } catch { throw RecordingError(path: path, reason: error.reason) }
  }
}
