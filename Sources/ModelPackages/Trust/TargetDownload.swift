/// A target on its way, in chunks and in order: never more than was signed for, its digests known the moment the last byte is here.
package struct TargetDownload {
  package let target: TargetFile
  /// Bytes that are here, all from the start.
  package private(set) var received: Int64 = 0
  private var hasher: FileHasher

  /// - Throws: when the target is longer than the policy allows.
  package init(_ target: TargetFile, limits: TrustLimits = TrustLimits()) throws(TrustError) {
    guard target.length <= limits.targetBytes else {
      throw TrustError(.tooLong, "fetch", target.path, "\(target.length) bytes, at most \(limits.targetBytes) taken")
    }
    self.target = target
    hasher = target.digests.hasher()
  }

  package var isComplete: Bool { received == target.length }

  /// What to ask for next; `nil` when all is here.
  package func next(maxBytes: Int) -> (offset: Int64, length: Int)? {
    isComplete ? nil : (received, Int(min(Int64(maxBytes), target.length - received)))
  }

  /// Takes what is new in a chunk. A chunk that came before brings nothing; one from further on is refused, there is a hole before it.
  /// - Parameters:
  ///   - offset: of the chunk's first byte.
  ///   - total: the file's length, when the sender says it.
  /// - Returns: the bytes to append to the file.
  package mutating func take(_ chunk: [UInt8], at offset: Int64, of total: Int64? = nil) throws(TrustError) -> ArraySlice<UInt8> {
    if let total, total != target.length {
      throw TrustError(.mismatch, "fetch", target.path, "\(total) bytes long, expected \(target.length)")
    }
    guard (0...received).contains(offset) else {
      throw TrustError(.mismatch, "fetch", target.path, "a chunk from byte \(offset), expected \(received)")
    }
    guard Int64(chunk.count) <= target.length - offset else {
      throw TrustError(.tooLong, "fetch", target.path, "more than \(target.length) bytes")
    }
    let fresh = chunk.dropFirst(Int(min(received - offset, Int64(chunk.count))))
    hasher.update(fresh)
    received += Int64(fresh.count)
    return fresh
  }

  /// - Throws: when bytes are missing, or the digests are others than was signed for.
  package func verify() throws(TrustError) {
    guard isComplete else {
      throw TrustError(.mismatch, "verify", target.path, "\(received) of \(target.length) bytes")
    }
    if let fault = target.digests.fault(hasher) { throw TrustError(.mismatch, "verify", target.path, fault) }
  }
}
