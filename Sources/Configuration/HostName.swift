import Glibc

enum HostName {
  /// This host's name as a label: lower case, other characters as `-`; `gateway` when it has none.
  static var asLabel: String {
    guard let name = asGiven else { return "gateway" }
    let label = name.prefix { $0 != "." }.lowercased().utf8.prefix(63).map {
      TextForm.isLabelByte($0) ? $0 : UInt8(ascii: "-")
    }
    return label.isEmpty ? "gateway" : String(decoding: label, as: UTF8.self)
  }

  /// With its domain where it has one, in lower case; `nil` where nobody could ask for it by that.
  static var whole: String? { asGiven.map { $0.lowercased() }.flatMap { TextForm.hostName.accepts($0) ? $0 : nil } }

  private static var asGiven: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
