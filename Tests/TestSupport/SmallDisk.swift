import Foundation

/// A disk of a few megabytes, in memory, that can be filled to the last byte. Mounting it needs root.
package final class SmallDisk {
  package let path: String
  private let folder: TemporaryFolder

  /// Whether this process may mount one.
  package static let isAvailable = getuid() == 0 && (try? SmallDisk(megabytes: 1)) != nil

  /// - Parameter files: how many it may hold.
  package init(megabytes: Int, files: Int = 0) throws {
    folder = try TemporaryFolder()
    path = folder.path("disk")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try run(["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m,nr_inodes=\(files)", "tmpfs", path])
  }

  deinit { _ = try? run(["umount", "-l", path]) }

  package var freeBytes: Int {
    var status = statvfs()
    return statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : -1
  }

  /// As somebody else's file, up to what is to stay free.
  package func fill(leaving bytes: Int = 0) {
    let file = open(filler, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { close(file) }
    let block = [UInt8](repeating: 1, count: 4096)
    while freeBytes > bytes, write(file, block, block.count) > 0 {}
  }

  package func free() { unlink(filler) }

  private var filler: String { path + "/filler" }
}
