import Glibc

/// What lies beside the store and is no part of it: databases that were set aside, and the copy made before the tables changed.
/// It may stay as long as the store itself has room: to a disk that is full it gives way, the oldest first. The newest, of which
/// nobody may have heard yet, stays for the time in which somebody else's files may go again.
final class SetAside {
  private let path: String
  private let patienceSeconds: Int
  private var fullSince: Int?

  init(_ path: String, patienceSeconds: Int = 10) { (self.path, self.patienceSeconds) = (path, patienceSeconds) }

  /// Called when the disk has refused the store for want of room.
  /// - Returns: what is to be told; `nil` when there is nothing left, or not yet.
  func giveUpOldest() -> OpeningReport.Incident? {
    let since = fullSince ?? Self.seconds
    fullSince = since
    let names = Self.names(path)
    guard let oldest = names.first, names.count > 1 || Self.seconds >= since + patienceSeconds else { return nil }
    guard (try? Replacement.delete(oldest)) != nil else { return nil }
    return OpeningReport.Incident("aside_deleted", "\(oldest) was deleted: the disk was full, and the store needs the room")
  }

  /// The newest has been waited with long enough.
  var isDue: Bool {
    guard let fullSince else { return false }
    return Self.seconds >= fullSince + patienceSeconds && !Self.names(path).isEmpty
  }

  /// The disk takes what the store writes.
  func diskIsFine() { fullSince = nil }

  /// By the time when they were last written, the oldest first.
  static func names(_ path: String) -> [String] {
    let all = (Replacement.setAside(path) + Migration.copies(path)).map { ($0, writtenAt($0)) }
    return all.sorted { $0.1 < $1.1 }.map(\.0)
  }

  private static func writtenAt(_ name: String) -> Int {
    var status = stat()
    return stat(name, &status) == 0 ? status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec : 0
  }

  private static var seconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec
  }
}

/// What a process that was killed in the middle of a salvage, a copy or a replacement left behind.
enum Leftovers {
  /// Called by whoever has the folder, before anything else is done in it.
  static func clear(_ path: String) {
    let drafts = [Replacement.draft(path), SchemaPages.path(path) + ".draft", Replacement.suspicion(path) + ".draft"]
    for draft in drafts + Migration.drafts(path) {
      for suffix in ["", "-wal", "-shm", "-journal"] { unlink(draft + suffix) }
    }
    SalvageImage.clear(path)
  }
}
