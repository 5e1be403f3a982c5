import NIOHTTP1

/// What a listener knows of a connection before anybody speaks.
struct Door: Sendable {
  var names = WebNames(others: [])
  var isEncrypted = false
  var visitor = Visitor.local
}

/// One request to a listener, read whole.
package struct WebRequest: Sendable {
  package enum Method: Sendable { case get, post }

  package let method: Method
  /// Without its query, not decoded: what is not one of the known paths is not there.
  package let path: String
  package let query: [String: String]
  /// As the browser names the site: host and, where it is not the scheme's own, port.
  package let host: String
  package let isEncrypted: Bool
  package let visitor: Visitor
  package let body: [UInt8]
  private let headers: HTTPHeaders

  /// What is wrong with a request before anybody looks at what it wants.
  struct Refusal: Error {
    let status: Int
    let reason: String
  }

  /// - Throws: for another method, for a name that is not this page's (DNS rebinding), and for a path with anything but visible ASCII.
  init(_ head: HTTPRequestHead, _ body: [UInt8], by door: Door) throws(Refusal) {
    switch head.method {
    case .GET: method = .get
    case .POST: method = .post
    default: throw Refusal(status: 405, reason: "GET and POST are answered here")
    }
    let hosts = head.headers["Host"]
    guard hosts.count == 1, door.names.contain(hosts[0]) else {
      let remedy = door.isEncrypted ? "use one of [page] names" : "use 127.0.0.1 or localhost"
      throw Refusal(status: 421, reason: "this is not a name of this page: \(remedy)")
    }
    guard head.uri.hasPrefix("/"), head.uri.utf8.count <= 2048, head.uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Refusal(status: 400, reason: "the path cannot be read")
    }
    (host, isEncrypted, visitor) = (hosts[0], door.isEncrypted, door.visitor)
    headers = head.headers
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    query = parts.count == 2 ? Self.query(parts[1]) : [:]
    self.body = body
  }

  /// `nil` where it is missing or stands there twice.
  package func header(_ name: String) -> String? {
    let values = headers[name]
    return values.count == 1 ? values[0] : nil
  }

  package func cookie(_ name: String) -> String? {
    header("Cookie")?.split(separator: ";").map { $0.drop { $0 == " " } }.first { $0.hasPrefix("\(name)=") }
      .map { String($0.dropFirst(name.count + 1)) }
  }

  /// What a browser calls this site (RFC 6454).
  package var origin: String { "\(isEncrypted ? "https" : "http")://\(host)" }

  /// Sent by a script or form of this very site. `Sec-Fetch-Site` and `Origin` are written by the browser, not by the site that asks.
  package var isFromThisSite: Bool {
    if !headers["Origin"].isEmpty, header("Origin") != origin { return false }
    if !headers["Sec-Fetch-Site"].isEmpty, header("Sec-Fetch-Site") != "same-origin" { return false }
    return true
  }

  private static func query(_ text: Substring) -> [String: String] {
    var values: [String: String] = [:]
    for pair in text.split(separator: "&").prefix(16) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decoded(parts[0]), let value = parts.count == 2 ? decoded(parts[1]) : "" else { continue }
      values[name] = value
    }
    return values
  }

  /// RFC 3986, 2.1; `nil` for what is no UTF-8.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? { Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) } }
}
