import Glibc

/// Colour where it helps and is wanted: a terminal, without `NO_COLOR`. Nothing depends on it: words say the same.
package enum Style: Sendable {
  case good, warning, bad, faint, strong

  package static let isOn = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true

  package func callAsFunction(_ text: String, on: Bool = Self.isOn) -> String {
    on ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  private var code: String {
    switch self {
    case .good: "32"
    case .warning: "33"
    case .bad: "31;1"
    case .faint: "2"
    case .strong: "1"
    }
  }
}

extension String {
  /// What came from outside may hold anything; control characters never reach the terminal.
  package var printable: String {
    String(String.UnicodeScalarView(unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "\u{FFFD}" : $0 }))
  }
}
