import Glibc

/// Where a listener of Thrum's own waits: an address of this gateway and a port.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
  /// IPv4 or IPv6 as inet_ntop(3) writes it, without brackets.
  package let host: String
  package let port: Int

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Only programs on this gateway get there.
  package var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }
  /// Every network that this gateway is in.
  package var isEverywhere: Bool { host == "0.0.0.0" || host == "::" }

  /// Follows "expected" where there can be no TLS.
  static let loopbackWords =
    "127.0.0.1:PORT or [::1]:PORT, port 1 to 65535 (there is no TLS on it, so it listens to this gateway alone)"

  /// Follows "expected" for the page.
  static let words =
    "127.0.0.1:PORT or [::1]:PORT, port 1 to 65535; with cert_file and key_file any address of this gateway (without TLS it listens "
    + "to this gateway alone; from elsewhere it is reached by ssh -L: thrum page prints the line)"

  /// `nil` for anything but an address with a port; a name is none, for it may come to mean another address.
  package init?(_ text: String) {
    let isBracketed = text.hasPrefix("[")
    let parts = isBracketed ? text.dropFirst().split(separator: "]", maxSplits: 1) : text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, !isBracketed || parts[1].hasPrefix(":") else { return nil }
    let digits = isBracketed ? parts[1].dropFirst() : parts[1]
    guard digits.allSatisfy(\.isNumber), let port = Int(digits), (1...65_535).contains(port),
      let host = IPAddress.normal(String(parts[0])), host.contains(":") == isBracketed
    else { return nil }
    (self.host, self.port) = (host, port)
  }
}

enum IPAddress {
  /// The one way of writing it (RFC 5952, inet_ntop(3)), as browsers do; `nil` for what is no address.
  static func normal(_ text: String) -> String? {
    let family = text.contains(":") ? AF_INET6 : AF_INET
    var bytes = [UInt8](repeating: 0, count: 16)
    var written = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_pton(family, text, &bytes) == 1, inet_ntop(family, bytes, &written, socklen_t(written.count)) != nil else {
      return nil
    }
    return String(decoding: written.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension TableReader {
  /// - Parameter isEncrypted: then it may be an address that others reach.
  func listenAddress(_ key: String, default fallback: String, words: String, isEncrypted: Bool) -> ListenAddress? {
    let form = TextForm(words: words) { text in ListenAddress(text).map { isEncrypted || $0.isLoopback } ?? false }
    return ListenAddress(text(key, form, default: fallback))
  }
}

extension ThrumConfig {
  /// `[metrics]`, for a monitoring system that asks (OpenMetrics).
  package struct Listener: Sendable, Equatable {
    package var enabled: Bool
    /// A loopback address; `nil` stands for one that was reported.
    package var listen: ListenAddress?

    init(_ table: TableReader, default fallback: String) {
      enabled = table.flag("enabled", default: false)
      listen = table.listenAddress("listen", default: fallback, words: ListenAddress.loopbackWords, isEncrypted: false)
      table.finish()
    }

    /// Where it listens; `nil`: it does not.
    package var address: ListenAddress? { enabled ? listen : nil }
  }
}
