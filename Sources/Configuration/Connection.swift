/// How to reach a broker: `[broker]`, and the first part of `[plane]`.
package struct Connection: Sendable, Equatable {
  /// `mqtt://host:1883` or `mqtts://host:8883`; the port may be left out.
  package var url: BrokerURL
  package var version: MQTTVersion
  package var keepaliveSeconds: Int
  package var username: String?
  /// The file's first line is the password.
  package var passwordFile: String?
  package var caFile: String?
  package var certFile: String?
  package var keyFile: String?
  /// Permits a password over an unencrypted link to another host.
  package var allowPlain: Bool

  package enum MQTTVersion: String, Sendable, CaseIterable {
    /// 5, and 3.1.1 where the broker knows no 5.
    case auto
    case v5 = "5"
    case v311 = "3.1.1"
  }

  init(_ table: TableReader, defaultURL: String?) {
    url = table.url("url", default: defaultURL)
    version = table.choice("protocol", default: .auto)
    keepaliveSeconds = table.integer("keepalive_s", 5...3600, default: 60)
    username = table.optionalText("username", .line)
    passwordFile = table.optionalPath("password_file")
    caFile = table.optionalPath("ca_file")
    certFile = table.optionalPath("cert_file")
    keyFile = table.optionalPath("key_file")
    allowPlain = table.flag("allow_plain", default: false)
    reportContradictions(to: table)
    table.finish()
  }

  private func reportContradictions(to table: TableReader) {
    if passwordFile != nil, username == nil { table.report("password_file", "expected username beside it") }
    if (certFile == nil) != (keyFile == nil) {
      table.report(certFile == nil ? "key_file" : "cert_file", "expected cert_file and key_file together")
    }
    if !url.isEncrypted, let key = [caFile.map { _ in "ca_file" }, certFile.map { _ in "cert_file" }].compactMap(\.self).first {
      table.report(key, "expected an mqtts:// url with it, got \(url)")
    }
    if username != nil, !url.isEncrypted, !url.isLoopback, !allowPlain {
      table.report(
        "url",
        "expected mqtts:// because \(url.host) is another host and would get the password in the clear, got \(url); "
          + "allow_plain = true permits it")
    }
  }
}

extension Connection {
  /// The password, read anew at each connect so that it can be changed; `nil` without `password_file`.
  package func password() throws(ConfigError) -> String? {
    guard let passwordFile else { return nil }
    let text = try TextFile.read(passwordFile, maxBytes: 4096)
    return text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
  }
}

/// `mqtt://` or `mqtts://`, a host, and maybe a port.
package struct BrokerURL: Sendable, Equatable, CustomStringConvertible {
  package let isEncrypted: Bool
  /// A name, an IPv4 address, or an IPv6 address without its brackets.
  package let host: String
  package let port: Int

  package var description: String {
    "\(isEncrypted ? "mqtts" : "mqtt")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  package var isLoopback: Bool {
    let octets = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return host == "localhost" || host == "::1" || (octets.count == 4 && octets[0] == 127 && !octets.contains(nil))
  }

  /// `nil` when `text` is anything else: another scheme, a user name, a path.
  package init?(_ text: String) {
    let schemes = [("mqtt://", false), ("mqtts://", true)]
    guard let (scheme, isEncrypted) = schemes.first(where: { text.hasPrefix($0.0) }) else { return nil }
    guard let (host, port) = Self.hostAndPort(text.dropFirst(scheme.count)) else { return nil }
    self.isEncrypted = isEncrypted
    self.host = host
    self.port = port ?? (isEncrypted ? 8883 : 1883)
  }

  private static func hostAndPort(_ text: Substring) -> (String, Int?)? {
    let isBracketed = text.first == "["
    let end = isBracketed ? text.firstIndex(of: "]") : text.firstIndex(of: ":") ?? text.endIndex
    guard let end else { return nil }
    let host = text[..<end].drop { $0 == "[" }
    let rest = isBracketed ? text[end...].dropFirst() : text[end...]
    guard !host.isEmpty, host.utf8.allSatisfy({ isHostByte($0) || (isBracketed && $0 == UInt8(ascii: ":")) }) else { return nil }
    if rest.isEmpty { return (String(host), nil) }
    guard rest.first == ":", let port = Int(rest.dropFirst()), (1...65535).contains(port) else { return nil }
    return (String(host), port)
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

extension BrokerURL {
  /// Stands in for a missing one, which is reported.
  static var nowhere: BrokerURL { BrokerURL(isEncrypted: true, host: "localhost", port: 8883) }

  private init(isEncrypted: Bool, host: String, port: Int) {
    self.isEncrypted = isEncrypted
    self.host = host
    self.port = port
  }
}
