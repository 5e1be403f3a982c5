import Glibc

/// Why a store cannot even be looked at: it is not there yet, or whoever asks may not.
enum AccessTrouble {
  case missing(String)
  /// The group that may, where the system names one.
  case forbidden(String, group: String?)

  /// `nil`: it can be read.
  init?(_ path: String) {
    guard access(path, R_OK) != 0 else { return nil }
    switch errno {
    case ENOENT: self = .missing(path)
    case EACCES: self = .forbidden(path, group: Self.group(barring: path))
    default: return nil
    }
  }

  var error: StoreError {
    switch self {
    case .missing(let path) where Disk.exists(SchemaPages.path(path)):
      StoreError(
        "open", path, reason: "the database is gone, though a store stood here",
        remedy: "if it was moved, put it back before thrumd starts: thrumd makes a new one")
    case .missing(let path):
      StoreError(
        "open", path, reason: "there is no store: thrumd has not run here yet",
        remedy: "start it (systemctl start thrumd), or name its state folder by --state-dir or THRUM_STATE_DIR")
    case .forbidden(let path, let group):
      StoreError(
        "open", path, reason: "\(Self.user) may not read it",
        remedy: group.map { "adduser \(Self.user) \($0), then log in again; or ask as root" }
          ?? "ask as root, or as the folder's owner")
    }
  }

  /// Of the nearest thing on the way that can be seen: what bars the way, or the file itself. Root's own group is nobody's to join.
  private static func group(barring path: String) -> String? {
    var (place, status) = (path, stat())
    while stat(place, &status) != 0, let slash = place.lastIndex(of: "/"), slash > place.startIndex {
      place = String(place[..<slash])
    }
    guard status.st_gid != 0, status.st_mode & 0o040 != 0, let entry = getgrgid(status.st_gid) else { return nil }
    return String(cString: entry.pointee.gr_name)
  }

  private static var user: String { getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())" }
}
