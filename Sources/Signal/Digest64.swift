/// A fixed 64-bit hash of bytes: the same on every machine and at every start (Swift's `Hasher` is seeded anew).
/// Four independent multiply-and-fold lanes over 32 bytes a turn, in the manner of wyhash; not for secrets.
package enum Digest64 {
  package static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var lanes = (seed ^ k0, seed ^ k1, seed ^ k2, seed ^ k3)
    var offset = 0
    while offset + 32 <= bytes.count {
      lanes.0 = fold(lanes.0 ^ word(bytes, offset), k1)
      lanes.1 = fold(lanes.1 ^ word(bytes, offset + 8), k2)
      lanes.2 = fold(lanes.2 ^ word(bytes, offset + 16), k3)
      lanes.3 = fold(lanes.3 ^ word(bytes, offset + 24), k0)
      offset += 32
    }
    var digest = fold(lanes.0 ^ lanes.1, k2) ^ fold(lanes.2 ^ lanes.3, k3)
    while offset < bytes.count {
      digest = fold(digest ^ tail(bytes, offset), k1)
      offset += 8
    }
    return fold(digest ^ UInt64(bytes.count), k0)
  }

  package static func of(_ text: String, seed: UInt64 = 0) -> UInt64 {
    var text = text
    return text.withUTF8 { of(UnsafeRawBufferPointer($0), seed: seed) }
  }

  private static let k0: UInt64 = 0x9E37_79B9_7F4A_7C15
  private static let k1: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let k2: UInt64 = 0x1656_67B1_9E37_79F9
  private static let k3: UInt64 = 0x27D4_EB2F_1656_67C5

  @inline(__always) private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = (a ^ k2).multipliedFullWidth(by: b)
    return product.high ^ product.low ^ (a << 1)
  }

  @inline(__always) private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The bytes from `offset` on, at most eight, little-endian, zero-filled.
  private static func tail(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    var value: UInt64 = 0
    for (shift, index) in (offset..<min(offset + 8, bytes.count)).enumerated() {
      value |= UInt64(bytes[index]) << UInt64(8 * shift)
    }
    return value
  }
}
