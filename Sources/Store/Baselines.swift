import Anomaly
import SQLite

/// What a point learns from (feature vectors as little-endian float32, the measured speed behind them, NaN where none was) and what it has learned (one model).
struct Baselines {
  let database: Database

  /// Adds windows; one numbered 0 begins the baseline anew.
  func append(_ windows: [BaselineWindow], of point: Int) throws(SQLiteError) {
    for window in windows {
      if window.index == 0 { try database.run("DELETE FROM baseline WHERE point = ?", point) }
      try database.run(
        "INSERT OR REPLACE INTO baseline (point, number, features) VALUES (?, ?, ?)", point, window.index,
        Self.bytes(window.features + [window.speedRPM.map { Float($0) } ?? .nan]))
    }
  }

  /// Windows, model and what was watched with it are gone.
  func forget(_ point: Int) throws(SQLiteError) {
    try database.run("DELETE FROM baseline WHERE point = ?", point)
    try database.run("DELETE FROM model WHERE point = ?", point)
    try Watches(database: database).forget(point)
  }

  /// By their numbers.
  func windows(of point: Int) throws(SQLiteError) -> [BaselineWindow] {
    try database.rows("SELECT number, features FROM baseline WHERE point = ? ORDER BY number", point) { row throws(SQLiteError) in
      Self.window(row[0], Self.floats(row[1]))
    }
  }

  private static func window(_ index: Int, _ values: [Float]) -> BaselineWindow {
    let speed = values.last.flatMap { $0.isNaN ? nil : Double($0) }
    return BaselineWindow(index: index, features: values.dropLast(), speedRPM: speed)
  }

  func save(_ model: StoredModel, of point: Int) throws(SQLiteError) {
    try database.run("INSERT OR REPLACE INTO model (point, version, bytes) VALUES (?, ?, ?)", point, model.version, model.bytes)
  }

  func model(of point: Int) throws(SQLiteError) -> (version: String, bytes: [UInt8])? {
    try database.first("SELECT version, bytes FROM model WHERE point = ?", point) { row throws(SQLiteError) in (row[0], row[1]) }
  }

  private static func bytes(_ features: [Float]) -> [UInt8] {
    features.flatMap { feature in withUnsafeBytes(of: feature.bitPattern.littleEndian) { Array($0) } }
  }

  private static func floats(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { buffer in
      stride(from: 0, to: buffer.count / 4 * 4, by: 4).map {
        Float(bitPattern: UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
      }
    }
  }
}
