/// Where a listener of Thrum's own waits for this gateway's programs: a loopback address and a port.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
  /// `127.x.y.z` or `::1`.
  package let host: String
  package let port: Int

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// What is refused, and what to do instead.
  static let words =
    "127.0.0.1:PORT or [::1]:PORT, port 1 to 65535 (there is no TLS on it, so it listens to this gateway alone; "
    + "from elsewhere it is reached by ssh -L: thrum page prints the line)"

  /// `nil` for anything but a loopback address with a port.
  package init?(_ text: String) {
    let isBracketed = text.hasPrefix("[")
    let parts = isBracketed ? text.dropFirst().split(separator: "]", maxSplits: 1) : text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let digits = isBracketed ? parts[1].dropFirst() : parts[1]
    guard !isBracketed || parts[1].hasPrefix(":"), digits.allSatisfy(\.isNumber), let port = Int(digits),
      (1...65_535).contains(port), Self.isLoopback(parts[0], isBracketed)
    else { return nil }
    (host, self.port) = (String(parts[0]), port)
  }

  private static func isLoopback(_ host: Substring, _ isBracketed: Bool) -> Bool {
    if isBracketed { return host == "::1" }
    let octets = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return octets.count == 4 && octets[0] == 127 && !octets.contains(nil)
  }
}

extension TableReader {
  func listenAddress(_ key: String, default fallback: String) -> ListenAddress? {
    let text = text(key, TextForm(words: ListenAddress.words) { ListenAddress($0) != nil }, default: fallback)
    return ListenAddress(text)
  }
}

extension ThrumConfig {
  /// `[page]`, for people with a browser, and `[metrics]`, for a monitoring system that asks (OpenMetrics).
  package struct Listener: Sendable, Equatable {
    package var enabled: Bool
    /// `nil` stands for one that was reported.
    package var listen: ListenAddress?

    init(_ table: TableReader, default fallback: String) {
      enabled = table.flag("enabled", default: false)
      listen = table.listenAddress("listen", default: fallback)
      table.finish()
    }

    /// Where it listens; `nil`: it does not.
    package var address: ListenAddress? { enabled ? listen : nil }
  }
}
