import Glibc

enum StateFolder {
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
