import Configuration
import Glibc

/// The system's own files: of this machine, or of an image that is mounted somewhere.
struct SystemFiles: Sendable {
  /// Without a slash at its end; empty: this machine.
  let root: String

  func path(_ path: String) -> String { root + path }

  func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

  func text(_ path: String) -> String? { try? TextFile.read(root + path, maxBytes: 1 << 20) }

  /// The first number behind `name` in a file of lines such as `MemAvailable:   123 kB`.
  func figure(_ name: String, in path: String) -> Int? {
    let line = text(path)?.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.dropFirst(name.count).split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
  }

  /// Names in a folder; none where it is not there.
  func list(_ folder: String) -> [String] {
    ((try? TextFile.list(root + folder, suffix: "")) ?? []).map { String($0.dropFirst(root.count)) }
  }
}

/// What another program prints, at most 64 KiB; `nil` where it is not there or fails.
func printed(by command: String) -> String? {
  guard let pipe = popen(command + " 2>/dev/null", "re") else { return nil }
  let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in count = fread(buffer.baseAddress, 1, 65_536, pipe) }
  return pclose(pipe) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
}

/// Owner and rights of a file; `nil` where there is none to see.
struct FileRights {
  let owner: UInt32
  let group: UInt32
  let mode: UInt32

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (owner, group, mode) = (status.st_uid, status.st_gid, status.st_mode & 0o7777)
  }

  var othersMayRead: Bool { mode & 0o004 != 0 }
  var othersMayWrite: Bool { mode & 0o002 != 0 }
  var octal: String { "0" + String(mode, radix: 8) }

  var ownerName: String { getpwuid(owner).map { String(cString: $0.pointee.pw_name) } ?? "\(owner)" }
}
