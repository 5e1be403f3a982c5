/// Names by which browsers may ask a listener. A page of somebody else's that points its own name here (DNS rebinding) comes by another one.
struct WebNames: Sendable {
  /// In lower case, addresses without brackets; loopback's need not be among them.
  let others: Set<String>

  /// - Parameter host: as in a `Host` header; any port, for `ssh -L` gives it another one.
  func contain(_ host: String) -> Bool {
    guard let name = Self.name(of: host) else { return false }
    return Self.isLoopback(name) || others.contains(name)
  }

  static func isLoopback(_ name: String) -> Bool {
    let octets = name.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return name == "localhost" || name == "::1" || (octets.count == 4 && octets[0] == 127 && !octets.contains(nil))
  }

  /// Without port and brackets, in lower case; `nil` for what no browser writes.
  private static func name(of host: String) -> String? {
    let isBracketed = host.hasPrefix("[")
    guard let end = isBracketed ? host.firstIndex(of: "]") : host.firstIndex(of: ":") ?? host.endIndex else { return nil }
    let name = host[..<end].dropFirst(isBracketed ? 1 : 0)
    let rest = host[end...].dropFirst(isBracketed ? 1 : 0)
    guard !name.isEmpty, name.contains(":") == isBracketed, rest.isEmpty || isPort(rest) else { return nil }
    return name.lowercased()
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.hasPrefix(":") && (1...5).contains(text.count - 1) && text.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
  }
}
