import Contracts
import Glibc

/// Who may do what, by Unix group. The daemon's own user and root are admin; who is in neither group may look.
package struct Roles: Sendable, Equatable {
  package var operatorGroup: String
  package var adminGroup: String

  package init(operatorGroup: String, adminGroup: String) {
    self.operatorGroup = operatorGroup
    self.adminGroup = adminGroup
  }

  /// - Parameter groups: all of the process's, the primary one among them.
  func caller(uid: uid_t, groups: Set<gid_t>) -> Caller {
    Caller(uid: uid, name: Accounts.userName(uid) ?? "uid \(uid)", role: role(uid, groups))
  }

  private func role(_ uid: uid_t, _ groups: Set<gid_t>) -> Role {
    if uid == 0 || uid == geteuid() { return .admin }
    func isMember(of group: String) -> Bool { Accounts.groupID(group).map(groups.contains) ?? false }
    return isMember(of: adminGroup) ? .admin : isMember(of: operatorGroup) ? .operator : .viewer
  }

  /// What somebody needs who may not do what he wants to.
  func remedy(for allowed: Set<Role>) -> String {
    let group = allowed.contains(.operator) ? operatorGroup : adminGroup
    return "be a member of the group \(group), or ask as root"
  }

  /// Members of these groups are many users: the file lets everybody near it, the folder it is in and the role decide.
  var socketMode: mode_t {
    [operatorGroup, adminGroup].contains { Accounts.groupID($0) != nil } ? 0o666 : 0o660
  }
}

/// The system's users and groups.
enum Accounts {
  static func userName(_ uid: uid_t) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: bufferBytes)
    return buffer.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress, getpwuid_r(uid, &entry, start, buffer.count, &found) == 0, found != nil else {
        return nil
      }
      return String(cString: entry.pw_name)
    }
  }

  static func groupID(_ name: String) -> gid_t? {
    var entry = group()
    var found: UnsafeMutablePointer<group>?
    var buffer = [CChar](repeating: 0, count: bufferBytes)
    return buffer.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress, getgrnam_r(name, &entry, start, buffer.count, &found) == 0, found != nil else {
        return nil
      }
      return entry.gr_gid
    }
  }

  /// A group of some thousand members fits.
  private static let bufferBytes = 65_536
}
