import Glibc
import ModelPackages

/// What updates keep on disk, below the state folder: trusted metadata, and files that are coming or have come.
struct UpdateFolder: Sendable {
  let path: String
  /// Of all that is staged.
  let maxBytes: Int64

  var trust: String { "\(path)/trust" }
  var staging: String { "\(path)/staging" }

  func prepare() throws(TrustError) {
    for folder in [path, trust, staging] {
      guard mkdir(folder, 0o750) == 0 || errno == EEXIST else { throw DurableFile.failure("make", folder) }
    }
  }

  /// A target's bytes when they are here, whole and as signed for.
  func staged(_ target: TargetFile) -> [UInt8]? {
    guard let name = target.digests.name,
      let bytes = try? DurableFile.read("\(staging)/\(name.percentEncoded)", maxBytes: Int(target.length) + 1),
      var download = try? TargetDownload(target), (try? download.take(bytes, at: 0)) != nil, (try? download.verify()) != nil
    else { return nil }
    return bytes
  }

  /// Brings a target here, going on where it was left.
  /// - Returns: its path; verified.
  func bring(
    _ target: TargetFile, isConsistentSnapshot: Bool, from source: some RepositorySource
  ) throws(TrustError) -> String {
    guard target.length <= maxBytes else {
      throw TrustError(.tooLong, "fetch", target.path, "\(target.length) bytes, at most \(maxBytes) taken")
    }
    if staged(target) != nil, let name = target.digests.name { return "\(staging)/\(name.percentEncoded)" }
    var limits = TrustLimits()
    limits.targetBytes = Int(clamping: maxBytes)
    var coming = try StagedTarget(target, folder: staging, limits: limits, reserveBytes: Self.reserveBytes)
    try source.fetch(target, isConsistentSnapshot: isConsistentSnapshot, into: &coming)
    return try coming.finish()
  }

  /// Left free for everybody else.
  private static let reserveBytes: Int64 = 16 << 20

  /// Removes all but these, whole or in part: nothing that signed metadata stopped naming stays.
  func keep(_ targets: [TargetFile]) {
    let names = Set(targets.compactMap { $0.digests.name?.percentEncoded })
    guard let folder = opendir(staging) else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let digest = name.hasSuffix(".part") ? String(name.dropLast(5)) : name
      if !name.hasPrefix("."), !names.contains(digest) { unlink("\(staging)/\(name)") }
    }
  }
}
