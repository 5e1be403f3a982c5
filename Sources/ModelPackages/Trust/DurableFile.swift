import Glibc

/// Small files that are whole whenever the power goes: written beside, synced, renamed, the folder synced.
package enum DurableFile {
  /// The first `maxBytes` of it; `nil` when there is no such file.
  package static func read(_ path: String, maxBytes: Int) throws(TrustError) -> [UInt8]? {
    guard let file = fopen(path, "re") else {
      if errno == ENOENT { return nil }
      throw failure("open", path)
    }
    defer { fclose(file) }
    let bytes = [UInt8](unsafeUninitializedCapacity: maxBytes) { buffer, count in
      count = fread(buffer.baseAddress, 1, maxBytes, file)
    }
    guard ferror(file) == 0 else { throw failure("read", path) }
    return bytes
  }

  /// All of it, block by block.
  package static func readBlocks(_ path: String, _ body: ([UInt8]) throws(TrustError) -> Void) throws(TrustError) {
    guard let file = fopen(path, "re") else { throw failure("open", path) }
    defer { fclose(file) }
    while true {
      let block = [UInt8](unsafeUninitializedCapacity: blockBytes) { buffer, count in
        count = fread(buffer.baseAddress, 1, blockBytes, file)
      }
      guard ferror(file) == 0 else { throw failure("read", path) }
      if block.isEmpty { return }
      try body(block)
    }
  }

  private static let blockBytes = 64 << 10

  package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o640) throws(TrustError) {
    let temporary = path + ".new"
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard file >= 0 else { throw failure("make", temporary) }
    do throws(TrustError) {
      try writeAll(bytes, to: file, temporary)
      guard fsync(file) == 0 else { throw failure("sync", temporary) }
    } catch {
      close(file)
      unlink(temporary)
      throw error
    }
    close(file)
    try rename(temporary, to: path)
  }

  /// Adds to a file, synced before it returns.
  package static func append(_ bytes: [UInt8], to path: String) throws(TrustError) {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard file >= 0 else { throw failure("open", path) }
    defer { close(file) }
    try writeAll(bytes, to: file, path)
    guard fsync(file) == 0 else { throw failure("sync", path) }
  }

  /// Puts a file that is synced under its name, for good.
  static func rename(_ source: String, to path: String) throws(TrustError) {
    guard Glibc.rename(source, path) == 0 else { throw failure("rename", source) }
    try syncFolder(of: path)
  }

  package static func remove(_ path: String) throws(TrustError) {
    if unlink(path) == 0 { return try syncFolder(of: path) }
    guard errno == ENOENT else { throw failure("remove", path) }
  }

  static func writeAll(_ bytes: some Collection<UInt8>, to file: Int32, _ path: String) throws(TrustError) {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure("write", path) }
      rest = rest.dropFirst(written)
    }
  }

  private static func syncFolder(of path: String) throws(TrustError) {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) + "/" } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("sync", folder) }
  }

  /// With what `errno` says.
  package static func failure(_ operation: String, _ path: String) -> TrustError {
    TrustError(.storage, operation, path, String(cString: strerror(errno)))
  }
}

/// Files of others than the trust itself, kept as carefully.
package enum DurableBytes {
  /// The first `maxBytes` of it; `nil` when there is no such file.
  package static func read(_ path: String, maxBytes: Int) throws(TrustError) -> [UInt8]? {
    try DurableFile.read(path, maxBytes: maxBytes)
  }

  /// Whole or not there, whenever the power goes.
  package static func write(_ bytes: [UInt8], to path: String) throws(TrustError) { try DurableFile.write(bytes, to: path) }
}
