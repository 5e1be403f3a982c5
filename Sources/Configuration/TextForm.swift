/// What a text must look like.
struct TextForm {
  /// Follows "expected".
  let words: String
  let accepts: (String) -> Bool

  /// Fleets and gateways (PROTOCOL "Topics").
  static var label: Self {
    Self(words: "1 to 63 of a-z, 0-9 and -") { text in
      (1...63).contains(text.utf8.count) && text.utf8.allSatisfy(isLabelByte)
    }
  }

  /// Machines and points (PROTOCOL "Topics").
  static var name: Self {
    Self(words: "1 to 63 bytes without control characters, /, + and #") { text in
      (1...63).contains(text.utf8.count) && !text.utf8.contains { isControl($0) || "/+#".utf8.contains($0) }
    }
  }

  /// Unix groups, as useradd(8) allows them.
  static var group: Self {
    Self(words: "1 to 32 of a-z, 0-9, _ and -") { text in
      (1...32).contains(text.utf8.count) && text.utf8.allSatisfy { isLabelByte($0) || $0 == UInt8(ascii: "_") }
    }
  }

  /// A point, or nothing for what is not read.
  static var channelName: Self {
    Self(words: "as that of a point, or \"\" or \"-\" for a channel that is not read") { $0.isEmpty || name.accepts($0) }
  }

  static var line: Self {
    Self(words: "1 to 1024 bytes on one line") { text in
      (1...1024).contains(text.utf8.count) && !text.utf8.contains(where: isControl)
    }
  }

  static var fieldPath: Self {
    Self(words: "a field's name, with dots between nested ones, at most 8 deep") { text in
      let names = text.split(separator: ".", omittingEmptySubsequences: false)
      return names.count <= 8 && names.allSatisfy { (1...63).contains($0.utf8.count) && !$0.utf8.contains(where: isControl) }
    }
  }

  /// One of those whose limits are known.
  static func severityClass(of names: [String]) -> Self {
    Self(words: "one of \(names.joined(separator: ", "))") { names.contains($0) }
  }

  /// MQTT 5, 4.7, with `{machine}` and `{point}` as whole levels.
  static var topicFilter: Self {
    Self(words: "an MQTT topic whose +, {machine} and {point} fill a level each and whose # is the last level") { text in
      let levels = text.split(separator: "/", omittingEmptySubsequences: false)
      let named = levels.filter { $0.hasPrefix("{") }
      return (1...1024).contains(text.utf8.count) && !text.utf8.contains(where: isControl)
        && levels.dropLast().allSatisfy { $0 != "#" } && levels.allSatisfy(isLevel)
        && Set(named).count == named.count
    }
  }

  private static func isLevel(_ level: Substring) -> Bool {
    ["+", "#", "{machine}", "{point}"].contains(level) || !level.contains { "+#{}".contains($0) }
  }

  private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

  static func isLabelByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }
}
