import FoundationEssentials
import Glibc
import SQLite

/// The write-ahead log begins anew only when nobody looks at an older state any more. A reader that stays makes it grow; it may take
/// what `store.max_bytes` has left, and no more.
struct LogRoom {
  private let limits: StoreLimits
  private let database: Database

  init(_ limits: StoreLimits, _ database: Database) { (self.limits, self.database) = (limits, database) }

  /// - Throws: `full`, naming who keeps the log.
  func check() throws(StoreError) {
    let held = database.logPages * Self.frameBytes
    guard held > limits.logBytes else { return }
    let taken = try naming("look at", database.path) { () throws(SQLiteError) in try database.pragma("page_count") } * 4096
    guard held > max(limits.logBytes, limits.maxBytes - taken) else { return }
    let isMoved = try naming("checkpoint", database.path) { () throws(SQLiteError) in try database.checkpoint(.restart) }
    guard !isMoved else { return }
    let readers = LogReaders(database.path).others
    throw StoreError(
      "commit to", database.path,
      reason: "the write-ahead log is full and cannot be emptied: \(LogReaders.words(readers)) at an old state of the store",
      remedy: readers.first.map { "end process \($0.pid), or let it close the file" } ?? "close whatever reads thrum.db",
      kind: .full)
  }

  static let frameBytes = 24 + 4096
}

/// Other processes that look at the store at this moment: they hold a lock on a read mark of the log's index
/// (sqlite.org/walformat.html, bytes 123 to 127). Read from the kernel's list: opening the file here would drop our own locks on it.
package struct LogReaders {
  package struct Reader: Sendable, Equatable {
    package let pid: Int32
    package let name: String

    package init(pid: Int32, name: String) { (self.pid, self.name) = (pid, name) }
  }

  private let path: String
  init(_ path: String) { self.path = path + "-shm" }

  var others: [Reader] {
    var status = stat()
    guard stat(path, &status) == 0, let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else { return [] }
    var pids: Set<Int32> = []
    // `1: POSIX  ADVISORY  READ 4711 fd:00:12345 123 123`; a lock that waits has `->` behind its number.
    for line in locks.split(separator: "\n") where !line.contains("->") {
      let words = line.split(separator: " ")
      guard words.count >= 8, words[1] == "POSIX",
        words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == UInt64(status.st_ino),
        let first = Int(words[6]), let last = Int(words[7]), first <= 127, last >= 123, let pid = Int32(words[4]), pid != getpid()
      else { continue }
      pids.insert(pid)
    }
    return pids.sorted().map { Reader(pid: $0, name: Self.name(of: $0)) }
  }

  package static func words(_ readers: [Reader]) -> String {
    guard !readers.isEmpty else { return "somebody looks" }
    return readers.map { "process \($0.pid) (\($0.name)) looks" }.joined(separator: ", ")
  }

  private static func name(of pid: Int32) -> String {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)) ?? "unknown"
    return String(text.prefix { $0 != "\n" })
  }
}
