import Glibc

/// Walks CBOR (C. Bormann, P. Hoffman, RFC 8949) from byte to byte without building a tree. Strict: what is not well-formed is refused,
/// and so are texts in pieces. Tags are stepped over, but for those of decimal fractions and typed arrays.
/// The caller guards nothing: every read is within the bytes, nesting is limited, numbers must be finite.
struct CBORScanner {
  private let bytes: UnsafeRawBufferPointer
  /// Of the next byte to read.
  private(set) var position = 0

  static let maxDepth = 16

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var left: Int { bytes.count - position }

  func malformed(_ reason: String) -> PayloadError { .malformed("CBOR, byte \(position): \(reason)") }

  /// How an item begins: its major type and what stands with it; `nil` for a length that is not known before.
  struct Head {
    let major, info: UInt8
    let argument: UInt64?
  }

  enum Major {
    static let unsigned: UInt8 = 0, negative: UInt8 = 1, bytes: UInt8 = 2, text: UInt8 = 3, array: UInt8 = 4, map: UInt8 = 5,
      tag: UInt8 = 6, simple: UInt8 = 7
  }

  private mutating func head() throws(PayloadError) -> Head {
    guard left > 0 else { throw malformed("it ends too early") }
    let (major, info) = (bytes[position] >> 5, bytes[position] & 31)
    position += 1
    switch info {
    case 0..<24: return Head(major: major, info: info, argument: UInt64(info))
    case 24...27:
      let width = 1 << (Int(info) - 24)
      guard left >= width else { throw malformed("it ends too early") }
      defer { position += width }
      return Head(major: major, info: info, argument: bytes[position..<position + width].reduce(0) { $0 << 8 | UInt64($1) })
    case 31 where [Major.bytes, Major.text, Major.array, Major.map].contains(major):
      return Head(major: major, info: info, argument: nil)
    default: throw malformed("no item begins like that")
    }
  }

  /// The next item behind its tags, and the last of those.
  mutating func item() throws(PayloadError) -> (head: Head, tag: UInt64?) {
    var (head, tag) = (try head(), UInt64?.none)
    while head.major == Major.tag {
      tag = head.argument
      head = try self.head()
    }
    return (head, tag)
  }

  /// As many bytes as the item said.
  mutating func body(_ length: UInt64) throws(PayloadError) -> UnsafeRawBufferPointer {
    guard length <= UInt64(left) else { throw malformed("\(length) bytes were announced, \(left) are left") }
    defer { position += Int(length) }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(length)])
  }

  /// Steps over the end of what had no length.
  mutating func takeBreak() -> Bool {
    guard left > 0, bytes[position] == 0xFF else { return false }
    position += 1
    return true
  }

  /// So many items, or as many as come before the end.
  mutating func repeated(_ count: UInt64?, _ read: (inout Self) throws(PayloadError) -> Void) throws(PayloadError) {
    var done: UInt64 = 0
    while count.map({ done < $0 }) ?? !takeBreak() {
      guard left > 0 else { throw malformed("it ends too early") }
      try read(&self)
      done += 1
    }
  }

  /// Steps over a value of any kind.
  mutating func skip(depth: Int) throws(PayloadError) {
    guard depth <= Self.maxDepth else { throw malformed("nested deeper than \(Self.maxDepth)") }
    let head = try item().head
    switch head.major {
    case Major.bytes, Major.text: try skipString(head)
    case Major.array: try repeated(head.argument) { scanner throws(PayloadError) in try scanner.skip(depth: depth + 1) }
    case Major.map:
      try repeated(head.argument) { scanner throws(PayloadError) in
        try scanner.skip(depth: depth + 1)
        try scanner.skip(depth: depth + 1)
      }
    default: break
    }
  }

  private mutating func skipString(_ head: Head) throws(PayloadError) {
    if let length = head.argument {
      _ = try body(length)
      return
    }
    try repeated(nil) { scanner throws(PayloadError) in
      let piece = try scanner.head()
      guard piece.major == head.major, let length = piece.argument else { throw scanner.malformed("a piece of another kind") }
      _ = try scanner.body(length)
    }
  }
}
