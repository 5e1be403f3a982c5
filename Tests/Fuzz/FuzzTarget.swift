/// A reader of bytes that may come from anywhere, as a fuzzer calls it.
struct FuzzTarget: Sendable {
  /// As `scripts/fuzz --only` takes it, and as a folder may be called.
  let name: String
  /// What mutations start from: small, and made here.
  let seeds: @Sendable () -> [[UInt8]]
  /// Reads or refuses; stops the process when it finds what must not be.
  let read: @Sendable (UnsafeRawBufferPointer) -> Void
  /// Of the inputs that are tried for their length: as many as a message may have by default.
  var largeBytes = 1_048_576
  /// Whether memory is left behind by a library that is called once in the life of a process.
  var mayGrow = false
}

extension FuzzTarget {
  /// THE LIST: every decoder of messages and every reader of files.
  static let all = payloads + recordings + [manifest, configuration, model, onnx]

  /// The first byte of an input chooses how the rest is to be read.
  static func choice(_ input: UnsafeRawBufferPointer) -> (chosen: Int, rest: UnsafeRawBufferPointer) {
    (Int(input.first ?? 0), UnsafeRawBufferPointer(rebasing: input.dropFirst()))
  }

  static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  static func little<Value: FixedWidthInteger>(_ values: Value...) -> [UInt8] {
    values.map(\.littleEndian).withUnsafeBytes { Array($0) }
  }
}
