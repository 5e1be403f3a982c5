/// Where a broker is and how it is spoken to.
package struct MQTTEndpoint: Sendable, CustomStringConvertible {
  /// A name, an IPv4 address, or an IPv6 address without its brackets.
  package let host: String
  package let port: Int
  package let isEncrypted: Bool
  package let username: String?
  package let password: String?
  /// PEM files. Without `caFile` the system's certificates are trusted.
  package let caFile: String?
  package let certFile: String?
  package let keyFile: String?
  package let protocolVersion: VersionPreference
  package let keepaliveSeconds: Int

  /// - Parameters:
  ///   - url: `mqtt://host:1883` or `mqtts://host:8883`; the port may be left out.
  ///   - keepaliveSeconds: 5 to 65,535; longest silence before either side asks whether the other is there.
  ///   - allowPlain: permits a password over an unencrypted link to another host.
  package init(
    url: String, username: String? = nil, password: String? = nil, caFile: String? = nil, certFile: String? = nil,
    keyFile: String? = nil, protocolVersion: VersionPreference = .auto, keepaliveSeconds: Int = 60, allowPlain: Bool = false
  ) throws(MQTTError) {
    guard let (isEncrypted, host, port) = Self.parts(of: url) else {
      throw MQTTError("use", url, reason: "not a broker's address", remedy: "expected mqtt://host:1883 or mqtts://host:8883")
    }
    guard (5...65_535).contains(keepaliveSeconds) else {
      throw MQTTError("use", url, reason: "keepalive of \(keepaliveSeconds) s", remedy: "expected 5 to 65,535")
    }
    (self.host, self.port, self.isEncrypted) = (host, port, isEncrypted)
    (self.username, self.password) = (username, password)
    (self.caFile, self.certFile, self.keyFile) = (caFile, certFile, keyFile)
    (self.protocolVersion, self.keepaliveSeconds) = (protocolVersion, keepaliveSeconds)
    guard isEncrypted || password == nil || isLoopback || allowPlain else {
      throw MQTTError("use", url, reason: "the password would cross the network in the clear", remedy: "use mqtts://")
    }
  }

  package var description: String {
    "\(isEncrypted ? "mqtts" : "mqtt")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  package var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

  private static func parts(of url: String) -> (isEncrypted: Bool, host: String, port: Int)? {
    guard let (scheme, isEncrypted) = [("mqtt://", false), ("mqtts://", true)].first(where: { url.hasPrefix($0.0) }) else {
      return nil
    }
    let rest = url.dropFirst(scheme.count)
    let isBracketed = rest.first == "["
    let end = isBracketed ? rest.firstIndex(of: "]") : rest.firstIndex(of: ":") ?? rest.endIndex
    guard let end else { return nil }
    let host = rest[..<end].drop { $0 == "[" }
    let tail = isBracketed ? rest[end...].dropFirst() : rest[end...]
    guard !host.isEmpty, !host.contains(where: { "/@?# ".contains($0) }) else { return nil }
    if tail.isEmpty { return (isEncrypted, String(host), isEncrypted ? 8883 : 1883) }
    guard tail.first == ":", let port = Int(tail.dropFirst()), (1...65_535).contains(port) else { return nil }
    return (isEncrypted, String(host), port)
  }
}
