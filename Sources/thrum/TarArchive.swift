/// A ustar archive (POSIX.1-2017, pax "ustar Interchange Format") of texts.
enum TarArchive {
  /// - Parameters:
  ///   - folder: that they unpack into.
  ///   - texts: with names of less than 80 bytes.
  static func bytes(folder: String, _ texts: [(name: String, text: String)]) -> [UInt8] {
    texts.flatMap { file in
      let body = Array(file.text.utf8)
      return header("\(folder)/\(file.name)", size: body.count) + body + zeros((512 - body.count % 512) % 512)
    } + zeros(1024)
  }

  private static func header(_ name: String, size: Int) -> [UInt8] {
    var block = field(name, 100) + field("0000640", 8) + field("0000000", 8) + field("0000000", 8)
    block += field(octal(size, 11), 12) + field(octal(0, 11), 12) + field("        ", 8, padding: 0x20) + field("0", 1)
    block += field("", 100) + field("ustar", 6) + field("00", 2) + field("root", 32) + field("root", 32) + zeros(183)
    let sum = block.reduce(0) { $0 + Int($1) }
    block.replaceSubrange(148..<156, with: field(octal(sum, 6), 7) + [0x20])
    return block
  }

  private static func octal(_ number: Int, _ digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  private static func field(_ text: String, _ length: Int, padding: UInt8 = 0) -> [UInt8] {
    Array(text.utf8.prefix(length)) + [UInt8](repeating: padding, count: max(0, length - text.utf8.count))
  }

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
