import CZstd

/// Compressed bytes (RFC 8878), by libzstd: the bodies of batches, and evidence.
package enum Zstd {
  /// - Parameter mustShrink: what would not become shorter is not compressed.
  /// - Returns: one frame; `nil` when it would not become shorter, or there is nothing.
  package static func compress(_ bytes: [UInt8], level: Int32 = 6, mustShrink: Bool = true) -> [UInt8]? {
    guard !bytes.isEmpty else { return nil }
    var result = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let size = ZSTD_compress(&result, result.count, bytes, bytes.count, level)
    guard ZSTD_isError(size) == 0, size < bytes.count || !mustShrink else { return nil }
    result.removeLast(result.count - size)
    return result
  }

  /// Never takes more memory than `most` bytes and one, whatever the frame says of itself.
  /// - Returns: `nil` when it is no whole frame, or holds more than `most` bytes.
  package static func decompress(_ bytes: [UInt8], most: Int) -> [UInt8]? {
    let said = ZSTD_getFrameContentSize(bytes, bytes.count)
    guard said <= UInt64(most), ZSTD_findFrameCompressedSize(bytes, bytes.count) == bytes.count else { return nil }
    var result = [UInt8](repeating: 0, count: max(1, Int(said)))
    let size = ZSTD_decompress(&result, result.count, bytes, bytes.count)
    guard ZSTD_isError(size) == 0, size == Int(said) else { return nil }
    result.removeLast(result.count - size)
    return result
  }
}
