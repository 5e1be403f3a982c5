/// The lines of a text one after another, without copying it; `\r` before a line's end is not part of it. A text without any `\n`
/// has lines that end with `\r`, as old Macintosh programs wrote them.
struct LineScanner {
  private let bytes: [UInt8]
  private let ending: UInt8
  /// Of the next line's first byte.
  private(set) var position = 0
  /// Lines given out so far.
  private(set) var count = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    ending = Self.ending(of: bytes)
  }

  static func ending(of bytes: [UInt8]) -> UInt8 { bytes.contains(UInt8(ascii: "\n")) ? UInt8(ascii: "\n") : UInt8(ascii: "\r") }

  /// `nil` behind the last line.
  mutating func next() -> ArraySlice<UInt8>? {
    guard position < bytes.count else { return nil }
    let end = bytes[position...].firstIndex(of: ending) ?? bytes.count
    let line = bytes[position..<end]
    position = min(end + 1, bytes.count)
    count += 1
    return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }

  /// The next `length` bytes whatever they hold; `nil` when there are not as many.
  mutating func take(_ length: Int) -> ArraySlice<UInt8>? {
    guard length >= 0, length <= bytes.count - position else { return nil }
    defer { position += length }
    return bytes[position..<position + length]
  }
}
