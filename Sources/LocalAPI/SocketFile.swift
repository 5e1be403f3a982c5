import Contracts
import Glibc

/// The file of a Unix socket: its folder, what a killed daemon left of it, its mode.
enum SocketFile {
  /// Makes the folder where there is none, and takes away a socket that nobody listens on any more.
  static func prepare(_ path: String) throws(CallProblem) {
    guard path.utf8.count < longest else {
      throw problem(path, "the path is longer than \(longest - 1) bytes", "set THRUM_SOCKET to a shorter one")
    }
    makeFolder(of: path)
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw problem(path, "there is another file", "take it away, or set THRUM_SOCKET")
    }
    guard !isAnswered(path) else {
      throw problem(path, "another process listens on it", "stop it, or set THRUM_SOCKET")
    }
    unlink(path)
  }

  static func allow(_ path: String, _ mode: mode_t) throws(CallProblem) {
    guard chmod(path, mode) == 0 else { throw problem(path, String(cString: strerror(errno)), nil) }
  }

  static func problem(_ path: String, _ reason: String, _ remedy: String?) -> CallProblem {
    CallProblem(.unavailable, "listen on", path, reason: reason, remedy: remedy)
  }

  private static func makeFolder(of path: String) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    // What fails here fails with its reason when the socket is made.
    mkdir(String(path[..<slash]), 0o750)
  }

  private static func isAnswered(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    } == 0
  }

  /// unix(7).
  private static let longest = 108
}
