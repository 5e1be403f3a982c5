import Glibc

enum StateFolder {
  /// The folder of a database.
  static func holding(_ path: String) -> String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "." }

  /// Who may write there, and how this process would be let.
  static func remedy(forUnwritable folder: String) -> String {
    var status = stat()
    guard stat(folder, &status) == 0 else { return "make it, or choose another state folder (THRUM_STATE_DIR)" }
    let (owner, user) = (name(of: status.st_uid), name(of: geteuid()))
    let rights =
      owner == user ? "chmod u+rwx \(folder)" : "it belongs to \(owner): chown -R \(user): \(folder), or start thrumd as \(owner)"
    return "\(user) must be able to write to \(folder); \(rights); or choose another state folder (THRUM_STATE_DIR)"
  }

  private static func name(of user: uid_t) -> String {
    getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "uid \(user)"
  }

  /// Makes the folder, and those above it, where they are not there.
  static func make(_ path: String) throws(StoreError) {
    var sofar = path.hasPrefix("/") ? "/" : ""
    for name in path.split(separator: "/") {
      sofar += name + "/"
      if mkdir(sofar, 0o750) == 0 || errno == EEXIST { continue }
      var error = StoreError(errno: "make", path)
      if error.kind == .failed { error.remedy = "make it, or choose another state folder (THRUM_STATE_DIR)" }
      throw error
    }
  }
}
