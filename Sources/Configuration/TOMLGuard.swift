/// Refuses what the parser does not survive (toml++ as TOMLKit 0.6.0 has it): names joined by so many dots that its recursion ends
/// the process; headers without a name, times cut short and brackets closed by others, at which it stops by an assertion; a NUL, at
/// which it takes the text to end. No key here wants a date or a time, and TOML allows no control characters: both are refused whole.
struct TOMLGuard {
  /// Nothing here is nested as deep.
  static let mostDots = 8

  struct Refusal: Equatable {
    /// From 1 on.
    let line: Int
    let reason: String
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var dots = 0
  /// Brackets and braces that stand open, each as what closes it.
  private var open: [UInt8] = []
  private var isMismatched = false

  static func refusal(of text: String) -> Refusal? {
    var scan = TOMLGuard(bytes: Array(text.utf8))
    return scan.reason().map { Refusal(line: scan.line, reason: $0) }
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    // A byte order mark is no part of the first line.
    if bytes.starts(with: "\u{FEFF}".utf8) { position = 3 }
  }

  private mutating func reason() -> String? {
    if let place = bytes.firstIndex(where: Self.isControl) {
      line += bytes[..<place].count { $0 == UInt8(ascii: "\n") }
      return "expected text, got a byte \(bytes[place])"
    }
    var isLineStart = true
    while position < bytes.count {
      if isLineStart, open.isEmpty, isHeaderWithoutName { return "expected a table's name behind [" }
      isLineStart = bytes[position] == UInt8(ascii: "\n") || (isLineStart && " \t\r".utf8.contains(bytes[position]))
      if "=,[".utf8.contains(bytes[position]), isTime(behind: position) {
        return "expected no date or time: nothing here wants one"
      }
      step()
      if isMismatched { return "expected a bracket that closes the last open one" }
      if dots > Self.mostDots { return "expected at most \(Self.mostDots + 1) names joined by dots" }
      position += 1
    }
    return nil
  }

  private mutating func step() {
    switch bytes[position] {
    case UInt8(ascii: "."): dots += 1
    case UInt8(ascii: "\""), UInt8(ascii: "'"): skipText()
    case UInt8(ascii: "#"): while position + 1 < bytes.count, bytes[position + 1] != UInt8(ascii: "\n") { position += 1 }
    case UInt8(ascii: "\n"): (line, dots) = (line + 1, 0)
    case UInt8(ascii: "["): begin(closedBy: "]")
    case UInt8(ascii: "{"): begin(closedBy: "}")
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      isMismatched = open.popLast() != bytes[position]
      dots = 0
    case UInt8(ascii: "="), UInt8(ascii: ","): dots = 0
    default: break
    }
  }

  private mutating func begin(closedBy end: Unicode.Scalar) {
    open.append(UInt8(ascii: end))
    dots = 0
  }

  private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && !"\t\n\r".utf8.contains(byte) || byte == 0x7F }

  /// Whether a date or a time seems to begin: digits with a colon or with two hyphens.
  private func isTime(behind place: Int) -> Bool {
    let value = bytes[(place + 1)...].drop { " \t\r\n".utf8.contains($0) }.prefix(40).prefix { !",]}#\n".utf8.contains($0) }
    guard let first = value.first, ("0"..."9").contains(Unicode.Scalar(first)) else { return false }
    return value.contains(UInt8(ascii: ":")) || value.count { $0 == UInt8(ascii: "-") } > 1
  }

  private var isHeaderWithoutName: Bool {
    guard bytes[position] == UInt8(ascii: "[") else { return false }
    let behind = bytes[(position + 1)...].drop { $0 == UInt8(ascii: "[") }.drop {
      $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t")
    }
    let brackets = bytes[position...].prefix { $0 == UInt8(ascii: "[") }.count
    guard brackets <= 2, let first = behind.first else { return true }
    return !(TextForm.isLabelByte(first) || ("A"..."Z").contains(Unicode.Scalar(first)) || "_\"']".utf8.contains(first))
  }
}

// Texts.
extension TOMLGuard {
  /// From a text's first quotation mark to its last: one on each side, or three around more than one line.
  private mutating func skipText() {
    let mark = bytes[position]
    let isLong = isMark(mark, at: position + 1) && isMark(mark, at: position + 2)
    position += isLong ? 3 : 1
    while position < bytes.count, !isEnd(mark, isLong) {
      if bytes[position] == UInt8(ascii: "\n") {
        // Without its mark the text is no TOML, and the parser stops here too.
        if !isLong { return position -= 1 }
        line += 1
      }
      position += mark == UInt8(ascii: "\"") && bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    position += isLong ? 2 : 0
    // A long text may end with marks of its own.
    while isLong, isMark(mark, at: position + 1) { position += 1 }
  }

  private func isEnd(_ mark: UInt8, _ isLong: Bool) -> Bool {
    bytes[position] == mark && (!isLong || isMark(mark, at: position + 1) && isMark(mark, at: position + 2))
  }

  private func isMark(_ mark: UInt8, at place: Int) -> Bool { place < bytes.count && bytes[place] == mark }
}
