import Glibc
import SQLite

/// WORK.md's store: WAL, synchronous=NORMAL, rows committed within a second or at 512 of them. thrumd's own is `FULL`.
final class EventRows {
  private(set) var count = 0
  private let database: Database
  private var uncommitted = 0
  private var openedAt = 0.0

  init(path: String) throws {
    database = try Database(path: path, mode: .readWriteCreate)
    try database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")
    try database.execute("CREATE TABLE IF NOT EXISTS event(ts INTEGER, channel TEXT, score REAL, features BLOB)")
  }

  /// - Parameter topic: `plant/a/<channel>/vib`.
  func append(topic: String, score: Float, features: [Float]) throws {
    if uncommitted == 0 {
      try database.execute("BEGIN")
      openedAt = seconds(CLOCK_MONOTONIC)
    }
    let channel = topic.split(separator: "/").dropFirst(2).first.map(String.init) ?? topic
    let nanoseconds = Int64(seconds(CLOCK_REALTIME) * 1e9)
    try database.run(
      "INSERT INTO event VALUES(?,?,?,?)", nanoseconds, channel, Double(score), features.withUnsafeBytes { Array($0) })
    count += 1
    uncommitted += 1
  }

  func commitIfDue() throws {
    if uncommitted >= 512 || (uncommitted > 0 && seconds(CLOCK_MONOTONIC) - openedAt > 0.5) { try commit() }
  }

  func commit() throws {
    guard uncommitted > 0 else { return }
    try database.execute("COMMIT")
    uncommitted = 0
  }

  private func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
