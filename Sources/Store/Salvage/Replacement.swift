/// Puts a database that is complete in the place of the one in use, at any cut: the old files stay under another name.
/// `thrum.db.draft` is being written and means nothing; `thrum.db.next` is complete, and what remains is to change names.
enum Replacement {
  static func draft(_ path: String) -> String { path + ".draft" }
  static func next(_ path: String) -> String { path + ".next" }
  /// Kept as long as the damage that somebody noticed is not mended; holds the reason.
  static func suspicion(_ path: String) -> String { path + ".suspect" }

  /// Where the files in use go. A change of names that was cut short goes on with the name it began with.
  static func aside(_ path: String) -> String {
    var number = 1
    while Disk.exists(name(path, number)) { number += 1 }
    let isUnderWay = Disk.exists(next(path)) && !Disk.exists(path) && number > 1
    return name(path, isUnderWay ? number - 1 : number)
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
  static func setAside(_ path: String) -> [String] {
    var names: [String] = []
    while Disk.exists(name(path, names.count + 1)) { names.append(name(path, names.count + 1)) }
    return names
  }

  private static func name(_ path: String, _ number: Int) -> String { "\(path).aside-\(number)" }
}
