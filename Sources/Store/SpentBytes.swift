import FoundationEssentials
import Glibc
import SQLite
import Signal

/// What this process makes the kernel write to the disk, summed by day: flash wears out by it (`write_bytes` of /proc/self/io,
/// proc(5); everything the process writes, the store above all).
final class SpentBytes {
  /// Of this process from its start on.
  private var told = 0
  private var commits = 0
  private var lastNote = 0

  /// With every commit; written once a minute, by a clock that does not leap.
  func note(in database: Database, at start: UnixTime) throws(SQLiteError) {
    commits += 1
    let now = Self.seconds
    guard lastNote == 0 || now - lastNote >= 60 else { return }
    let all = Self.bytes
    let day = Self.wallSeconds / 86_400
    try database.run(
      """
      INSERT INTO written (day, bytes, commits) VALUES (?, ?, ?)
      ON CONFLICT (day) DO UPDATE SET bytes = bytes + excluded.bytes, commits = commits + excluded.commits
      """, day, max(0, all - told), commits)
    try database.run("DELETE FROM written WHERE day NOT IN (SELECT day FROM written ORDER BY day DESC LIMIT 30)")
    (told, commits, lastNote) = (all, 0, now)
  }

  private static var bytes: Int {
    let text = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first { $0.hasPrefix("write_bytes:") }.flatMap { Int($0.dropFirst(13)) } ?? 0
  }

  private static var seconds: Int { clock(CLOCK_MONOTONIC) }
  private static var wallSeconds: Int { clock(CLOCK_REALTIME) }

  private static func clock(_ id: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(id, &time)
    return time.tv_sec
  }
}

/// What the daemon had written on one day.
package struct WrittenRecord: Sendable, Equatable {
  /// Since 1970, UTC.
  package var day: Int
  package var bytes: Int
  package var commits: Int
}
