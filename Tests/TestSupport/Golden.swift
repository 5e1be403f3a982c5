import Foundation

/// Reference figures under Tests/Golden, each made by a script in scripts/golden, and the bench's own.
package enum Golden {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  /// - Parameter path: below Tests/Golden.
  package static func data(_ path: String) throws -> Data {
    try Data(contentsOf: tests.appendingPathComponent("Golden/\(path)"))
  }

  /// - Parameter path: below bench/golden.
  package static func bench(_ path: String) throws -> Data {
    try Data(contentsOf: tests.deletingLastPathComponent().appendingPathComponent("bench/golden/\(path)"))
  }

  /// Little-endian float32 values without a header.
  package static func floats(_ data: Data) -> [Float] {
    (0..<data.count / 4).map { index in
      let bits = data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self) }
      return Float(bitPattern: UInt32(littleEndian: bits))
    }
  }
}
