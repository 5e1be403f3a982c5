import Contracts
import Glibc
import NIOCore

/// The process at the other end of a Unix socket, as the kernel knows it (unix(7): SO_PEERCRED, SO_PEERGROUPS).
enum PeerCredentials {
  /// - Returns: fails where the kernel does not tell, as on TCP.
  static func caller(on channel: any Channel, _ roles: Roles) -> EventLoopFuture<Caller> {
    guard let socket = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }
    let user: EventLoopFuture<User> = socket.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
    // More groups than that, or an old kernel: the primary one alone counts.
    let groups: EventLoopFuture<Groups> = socket.unsafeGetSocketOption(level: .socket, name: .init(rawValue: Self.peerGroups))
    return user.and(groups.recover { _ in Groups() }).flatMapThrowing { user, groups in
      guard user.uid != .max else { throw ChannelError.operationUnsupported }
      return roles.caller(uid: user.uid, groups: groups.all.union([user.gid]))
    }
  }

  /// linux/socket.h; Swift's Glibc module has neither the number nor `ucred`.
  private static let peerGroups: CInt = 59

  private struct User {
    var pid: Int32
    var uid: UInt32
    var gid: UInt32
  }

  private struct Groups {
    /// Zeros after the last one; root's own group needs none, root is known by its uid.
    var ids = InlineArray<256, UInt32>(repeating: 0)
    var all: Set<UInt32> { Set(ids.indices.map { ids[$0] }.filter { $0 != 0 }) }
  }
}
