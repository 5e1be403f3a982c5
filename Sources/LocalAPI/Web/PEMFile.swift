import Contracts
import Glibc

/// By what a replaced file is known.
struct FileMark: Equatable {
  private var seconds = 0, nanoseconds = 0, bytes = 0, node: UInt = 0, mode: UInt32 = 0

  /// All zero for a file that is not there.
  init(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    (bytes, node, mode) = (Int(status.st_size), UInt(status.st_ino), status.st_mode)
  }
}

/// A certificate's or a key's file, read whole.
struct PEMFile {
  let bytes: [UInt8]

  /// - Parameter isSecret: then nobody but its owner and group may read it.
  init(_ path: String, isSecret: Bool) throws(CallProblem) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.problem(path, String(cString: strerror(errno)), Self.readable(path)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, (1...Self.mostBytes).contains(Int(status.st_size))
    else { throw Self.problem(path, "it is no file of 1 to \(Self.mostBytes) bytes", "correct its path") }
    if isSecret, status.st_mode & 0o007 != 0 {
      let octal = "0" + String(status.st_mode & 0o7777, radix: 8)
      throw Self.problem(path, "its mode is \(octal): everybody on this gateway gets at the key", "chmod 0640 \(path)")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    guard read(descriptor, &bytes, bytes.count) == bytes.count else {
      throw Self.problem(path, "it is being written", "it is tried again")
    }
    self.bytes = bytes
  }

  private static let mostBytes = 262_144

  private static func readable(_ path: String) -> String {
    "correct its path, or let thrumd's user read it: chgrp thrum \(path), or LoadCredential= in the unit"
  }

  static func problem(_ path: String, _ reason: String, _ remedy: String) -> CallProblem {
    CallProblem(.unavailable, "use", path, reason: reason, remedy: remedy)
  }
}
