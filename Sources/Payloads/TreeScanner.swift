/// What comes next in a message that is a tree of objects and arrays.
enum TreeValue { case object, array, text, other }

/// Walks a message from byte to byte without building the tree. Whoever reads guards nothing: every read is within the bytes,
/// nesting is limited, numbers are finite.
protocol TreeScanner {
  /// As a person who publishes calls it.
  static var language: String { get }

  init(_ bytes: UnsafeRawBufferPointer)
  /// Of the next byte to read.
  var position: Int { get }
  /// `nil` at the end.
  mutating func next() -> TreeValue?
  /// `read` gets each key that is a text and must step over its value.
  mutating func members(_ read: (inout Self, UnsafeRawBufferPointer) throws(PayloadError) -> Void) throws(PayloadError)
  /// `read` must step over one element.
  mutating func elements(_ read: (inout Self) throws(PayloadError) -> Void) throws(PayloadError)
  /// The UTF-8 of a text.
  mutating func string() throws(PayloadError) -> UnsafeRawBufferPointer
  mutating func number() throws(PayloadError) -> Double
  mutating func unsigned() throws(PayloadError) -> UInt64
  /// Stays where it is when no such number comes next.
  mutating func takeUnsigned(upTo limit: UInt64) -> UInt64?
  /// An array of numbers.
  /// - Parameter channels: how many share the message.
  mutating func samples(scale: Double, channels: Int) throws(PayloadError) -> [Float]
  mutating func skip(depth: Int) throws(PayloadError)
  func malformed(_ reason: String) -> PayloadError
}
