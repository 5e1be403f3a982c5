import Glibc

/// Puts a database that is complete in the place of the one in use, at any cut: the old files stay under another name.
/// `thrum.db.draft` is being written and means nothing; `thrum.db.next` is complete, and what remains is to change names.
enum Replacement {
  static func draft(_ path: String) -> String { path + ".draft" }
  static func next(_ path: String) -> String { path + ".next" }
  /// Kept as long as the damage that somebody noticed is not mended; holds the reason.
  static func suspicion(_ path: String) -> String { path + ".suspect" }

  /// Where the files in use go. A change of names that was cut short goes on with the name it began with.
  static func aside(_ path: String) -> String {
    let newest = numbers(path).last ?? 0
    let isUnderWay = Disk.exists(next(path)) && !Disk.exists(path) && newest > 0
    return name(path, isUnderWay ? newest : newest + 1)
  }

  /// The draft is complete: from here on every start leads to it.
  static func accept(_ path: String) throws(StoreError) {
    try Disk.sync(draft(path))
    try Disk.rename(draft(path), to: next(path))
    try Disk.syncFolder(of: path)
  }

  /// Ends what was accepted; nothing when nothing was.
  static func finish(_ path: String) throws(StoreError) {
    guard Disk.exists(next(path)) else { return }
    let aside = aside(path)
    for suffix in ["", "-wal", "-shm"] where Disk.exists(path + suffix) {
      try Disk.rename(path + suffix, to: aside + suffix)
    }
    try Disk.syncFolder(of: path)
    try Disk.rename(next(path), to: path)
    try Disk.syncFolder(of: path)
    try Disk.remove(suspicion(path))
  }

  /// Names of the databases set aside, the oldest first.
  static func setAside(_ path: String) -> [String] { numbers(path).map { name(path, $0) } }

  /// Databases that are set aside, at most.
  static let mostSetAside = 8

  /// Deletes the oldest of what was set aside until the rest is no more than `mostSetAside` and takes no more than `most` bytes; the
  /// newest always stays.
  /// - Returns: what was deleted.
  static func bound(_ path: String, to most: Int) throws(StoreError) -> [String] {
    var kept = setAside(path).map { ($0, bytes(of: $0)) }
    var deleted: [String] = []
    while kept.count > 1, kept.count > mostSetAside || kept.reduce(0, { $0 + $1.1 }) > most {
      let oldest = kept.removeFirst().0
      try delete(oldest)
      deleted.append(oldest)
    }
    return deleted
  }

  /// The name last: until then a delete that was cut short is seen, and goes on.
  static func delete(_ name: String) throws(StoreError) {
    for suffix in ["-wal", "-shm", ""] { try Disk.remove(name + suffix) }
  }

  /// A database that was set aside, with its log.
  static func bytes(of name: String) -> Int {
    ["", "-wal"].reduce(0) { sum, suffix in
      var status = stat()
      return stat(name + suffix, &status) == 0 ? sum + Int(status.st_blocks) * 512 : sum
    }
  }

  /// Of those that are there, in order.
  private static func numbers(_ path: String) -> [Int] { Disk.numbers(behind: path + ".aside-") }

  private static func name(_ path: String, _ number: Int) -> String { "\(path).aside-\(number)" }
}
