import Glibc

enum HostName {
  /// This host's name as a label: lower case, other characters as `-`; `gateway` when it has none.
  static var asLabel: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "gateway" }
    let bytes = name.prefix { $0 != 0 && $0 != CChar(UInt8(ascii: ".")) }.map { UInt8(bitPattern: $0) }
    let label = String(decoding: bytes, as: UTF8.self).lowercased().utf8.prefix(63).map {
      TextForm.isLabelByte($0) ? $0 : UInt8(ascii: "-")
    }
    return label.isEmpty ? "gateway" : String(decoding: label, as: UTF8.self)
  }
}
