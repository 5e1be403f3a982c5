import Glibc

enum Text {
  /// Without needless zeros, never with an exponent: `0.84`, `120`, `0.0013`.
  static func significant(_ value: Double, digits: Int) -> String {
    guard value != 0, value.isFinite else { return "0" }
    let places = max(0, min(digits - 1 - Int(floor(log10(abs(value)))), 9))
    let scaled = (value * pow(10, Double(places))).rounded()
    guard abs(scaled) < 1e15 else { return "\(value)" }
    return withPoint(Int(scaled), places: places)
  }

  /// `scaled` / 10^`places`.
  private static func withPoint(_ scaled: Int, places: Int) -> String {
    guard places > 0 else { return "\(scaled)" }
    let digits = String(abs(scaled))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let fraction = String(padded.suffix(places)).trimmingSuffix { $0 == "0" }
    return (scaled < 0 ? "-" : "") + padded.dropLast(places) + (fraction.isEmpty ? "" : "." + fraction)
  }

  static func withoutTrailingBlanks(_ text: String) -> String { text.trimmingSuffix { $0 == " " } }
}

extension String {
  func trimmingSuffix(while matches: (Character) -> Bool) -> String {
    var rest = Substring(self)
    while let last = rest.last, matches(last) { rest.removeLast() }
    return String(rest)
  }
}
