import Glibc

/// A file read and written by position, closed when it goes out of use.
final class DiskFile {
  let path: String
  private let descriptor: Int32

  /// `nil` when there is no such file.
  static func ifPresent(_ path: String) throws(StoreError) -> DiskFile? {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    if descriptor >= 0 { return DiskFile(path: path, descriptor: descriptor) }
    if errno == ENOENT { return nil }
    throw StoreError(errno: "open", path)
  }

  static func make(_ path: String) throws(StoreError) -> DiskFile {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw StoreError(errno: "make", path) }
    return DiskFile(path: path, descriptor: descriptor)
  }

  /// For writing into what is there.
  static func existing(_ path: String) throws(StoreError) -> DiskFile {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw StoreError(errno: "open", path) }
    return DiskFile(path: path, descriptor: descriptor)
  }

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func byteCount() throws(StoreError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw StoreError(errno: "look at", path) }
    return Int(status.st_size)
  }

  /// Up to `count` bytes; fewer at the end of the file.
  func read(_ count: Int, at offset: Int) throws(StoreError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw StoreError(errno: "read", path) }
      if got == 0 { break }
      done += got
    }
    bytes.removeLast(count - done)
    return bytes
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      }
      if put < 0, errno == EINTR { continue }
      guard put > 0 else { throw StoreError(errno: "write", path) }
      done += put
    }
  }

  func sync() throws(StoreError) {
    guard fsync(descriptor) == 0 else { throw StoreError(errno: "sync", path) }
  }
}

enum Disk {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func rename(_ path: String, to other: String) throws(StoreError) {
    guard Glibc.rename(path, other) == 0 else { throw StoreError(errno: "rename", path) }
  }

  /// Nothing is said of a file that is not there.
  static func remove(_ path: String) throws(StoreError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw StoreError(errno: "remove", path) }
  }

  /// N of the files `<prefix>N<suffix>` that are there, in order.
  static func numbers(behind prefix: String, suffix: String = "") -> [Int] {
    guard let list = opendir(folder(of: prefix)) else { return [] }
    defer { closedir(list) }
    let start = prefix.split(separator: "/").last.map(String.init) ?? ""
    var numbers: [Int] = []
    while let entry = readdir(list) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(start), name.hasSuffix(suffix) else { continue }
      if let number = Int(name.dropFirst(start.count).dropLast(suffix.count)) { numbers.append(number) }
    }
    return numbers.sorted()
  }

  static func sync(_ path: String) throws(StoreError) {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(errno: "open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError(errno: "sync", path) }
  }

  /// Makes durable which names the folder of `path` holds.
  static func syncFolder(of path: String) throws(StoreError) { try sync(folder(of: path)) }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Another name for the same bytes, or a copy where the disk knows no second names.
  static func link(_ path: String, to other: String) throws(StoreError) {
    if Glibc.link(path, other) == 0 { return }
    try copy(path, to: other)
  }

  static func copy(_ path: String, to other: String) throws(StoreError) {
    guard let source = try DiskFile.ifPresent(path) else { throw StoreError("copy", path, reason: "there is no such file") }
    let target = try DiskFile.make(other)
    var offset = 0
    while true {
      let bytes = try source.read(1 << 20, at: offset)
      if bytes.isEmpty { break }
      try target.write(bytes, at: offset)
      offset += bytes.count
    }
    try target.sync()
  }

  /// Writes the file whole or not at all, durably.
  static func replace(_ path: String, with bytes: [UInt8]) throws(StoreError) {
    let draft = path + ".draft"
    do {
      let file = try DiskFile.make(draft)
      try file.write(bytes, at: 0)
      try file.sync()
    }
    try rename(draft, to: path)
    try syncFolder(of: path)
  }
}

extension StoreError {
  /// What the system call just refused.
  init(errno operation: String, _ object: String) {
    let code = Glibc.errno
    let remedy: String? =
      switch code {
      case ENOSPC, EDQUOT: "free some space on the disk"
      case EIO: "look at the disk (dmesg, smartctl)"
      case EROFS, EACCES, EPERM:
        "the file or its folder cannot be written: check its owner and whether the disk is mounted read-only"
      default: nil
      }
    let kind: Kind =
      switch code {
      case ENOSPC, EDQUOT: .full
      case EROFS: .readOnly
      case EIO: .inputOutput
      default: .failed
      }
    self.init(operation, object, reason: String(cString: strerror(code)), remedy: remedy, kind: kind)
  }
}
