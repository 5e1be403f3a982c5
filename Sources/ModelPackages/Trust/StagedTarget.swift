import Glibc

/// A target's file while it comes: `NAME.part` in a folder, NAME when it is whole and verified, NAME being its digest. After a restart
/// it goes on where it was: what is there is read and hashed again.
package struct StagedTarget: ~Copyable {
  package private(set) var download: TargetDownload
  private let path: String
  private let file: Int32

  /// - Throws: also when the disk has no room for the rest and `reserveBytes` more.
  package init(
    _ target: TargetFile, folder: String, limits: TrustLimits = TrustLimits(), reserveBytes: Int64 = 0
  ) throws(TrustError) {
    guard let name = target.digests.name else {
      throw TrustError(.malformed, "stage", target.path, "no digest of a known kind")
    }
    let path = "\(folder)/\(name.percentEncoded)"
    var download = try TargetDownload(target, limits: limits)
    try Self.resume(&download, path + ".part")
    try Self.requireRoom(in: folder, bytes: target.length - download.received + reserveBytes)
    let file = open(path + ".part", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard file >= 0 else { throw DurableFile.failure("open", path + ".part") }
    (self.path, self.download, self.file) = (path, download, file)
  }

  deinit { close(file) }

  /// Takes over what is there, unless it cannot be ours: longer than the target.
  private static func resume(_ download: inout TargetDownload, _ path: String) throws(TrustError) {
    let length = download.target.length
    var attributes = stat()
    guard lstat(path, &attributes) == 0 else { return }
    guard attributes.st_size <= length else { return try DurableFile.remove(path) }
    try DurableFile.readBlocks(path) { block throws(TrustError) in _ = try download.take(block, at: download.received) }
  }

  private static func requireRoom(in folder: String, bytes: Int64) throws(TrustError) {
    var space = statvfs()
    guard statvfs(folder, &space) == 0 else { throw DurableFile.failure("look at", folder) }
    let (free, overflow) = UInt64(space.f_bavail).multipliedReportingOverflow(by: UInt64(space.f_frsize))
    guard overflow || free >= UInt64(max(0, bytes)) else {
      throw TrustError(.storage, "stage in", folder, "\(bytes) bytes needed, \(free) free")
    }
  }

  /// As `TargetDownload.take`; the bytes are in the file when it returns.
  package mutating func take(_ chunk: [UInt8], at offset: Int64, of total: Int64? = nil) throws(TrustError) {
    var download = download
    let fresh = try download.take(chunk, at: offset, of: total)
    let length = self.download.received
    do { try DurableFile.writeAll(fresh, to: file, path) } catch {
      // What was written of it would be taken for good later.
      ftruncate(file, off_t(length))
      throw error
    }
    self.download = download
  }

  /// - Returns: the path of the file, verified, synced and under its final name.
  /// - Throws: when it is not what was signed for; then it is gone, and the next attempt starts anew.
  package consuming func finish() throws(TrustError) -> String {
    do throws(TrustError) { try download.verify() } catch {
      if download.isComplete { try DurableFile.remove(path + ".part") }
      throw error
    }
    guard fsync(file) == 0 else { throw DurableFile.failure("sync", path) }
    try DurableFile.rename(path + ".part", to: path)
    return path
  }
}
