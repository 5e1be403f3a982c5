/// A repository as files, on a stick that somebody brought: `metadata/` and `targets/`, as TUF's tools write them. It is believed no
/// more than a network: the same `Updater` and the same `StagedTarget` judge what comes from it.
package struct RepositoryFolder {
  private let path: String

  package init(_ path: String) { self.path = path }

  /// For `Updater`.
  package func metadata(_ request: MetadataRequest) throws(TrustError) -> [UInt8]? {
    try DurableFile.read("\(path)/metadata/\(request.fileName)", maxBytes: request.maxBytes + 1)
  }

  /// Brings a target whole into `staged`.
  package func copy(
    _ target: TargetFile, isConsistentSnapshot: Bool, into staged: inout StagedTarget
  ) throws(TrustError) {
    guard let name = isConsistentSnapshot ? target.consistentPath : target.path else {
      throw TrustError(.malformed, "fetch", target.path, "no digest of a known kind")
    }
    let parts = name.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) || $0.contains(0) })
    else { throw TrustError(.malformed, "fetch", target.path, "no path within a folder") }
    let file = "\(path)/targets/\(name.string)"
    guard try DurableFile.read(file, maxBytes: 0) != nil else {
      throw TrustError(.notFound, "fetch", target.path, "the repository does not have it")
    }
    var offset: Int64 = 0
    try DurableFile.readBlocks(file) { block throws(TrustError) in
      try staged.take(block, at: offset)
      offset += Int64(block.count)
    }
  }
}
