import FoundationEssentials
import Glibc
import Signal

/// When a certificate is valid and for whom (RFC 5280 4.1.2.5, 4.2.1.6), read from PEM without anything that could be fooled into more.
struct Certificate: Equatable {
  let from: UnixTime
  let to: UnixTime
  /// Hosts and addresses that it is for; a browser goes by nothing else.
  let names: [String]

  /// Of the first certificate of a PEM text; `nil` where there is none that can be read.
  init?(pem text: String) {
    guard let begin = text.firstRange(of: "-----BEGIN CERTIFICATE-----"),
      let end = text[begin.upperBound...].firstRange(of: "-----END CERTIFICATE-----"),
      let data = Data(base64Encoded: String(text[begin.upperBound..<end.lowerBound].filter { !$0.isWhitespace }))
    else { return nil }
    self.init(der: [UInt8](data))
  }

  /// Certificate ::= SEQUENCE { tbs SEQUENCE { [0] version, serial, algorithm, issuer, validity SEQUENCE { from, to }, subject, key,
  /// [1], [2], [3] extensions } … }
  private init?(der: [UInt8]) {
    var outer = DERReader(der[...])
    guard var certificate = outer.take(0x30).map(DERReader.init), var tbs = certificate.take(0x30).map(DERReader.init) else {
      return nil
    }
    _ = tbs.take(0xA0)
    guard tbs.take(0x02) != nil, tbs.take(0x30) != nil, tbs.take(0x30) != nil,
      var validity = tbs.take(0x30).map(DERReader.init), let from = validity.time(), let to = validity.time()
    else { return nil }
    (self.from, self.to) = (from, to)
    for tag: UInt8 in [0x30, 0x30, 0x81, 0x82] { _ = tbs.take(tag) }
    names = tbs.take(0xA3).map(DERReader.init).map(Self.names) ?? []
  }

  /// Extensions ::= SEQUENCE OF SEQUENCE { id, critical BOOLEAN?, OCTET STRING }
  private static func names(_ outer: DERReader) -> [String] {
    var outer = outer
    var extensions = outer.take(0x30).map(DERReader.init)
    while var one = extensions?.take(0x30).map(DERReader.init) {
      let id = one.take(0x06)
      _ = one.take(0x01)
      guard id?.elementsEqual([0x55, 0x1D, 0x11]) == true, var octets = one.take(0x04).map(DERReader.init) else { continue }
      return octets.take(0x30).map(DERReader.init).map(alternatives) ?? []
    }
    return []
  }

  /// GeneralNames: of each kind there is, the two that name a host: [2] dNSName, [7] iPAddress.
  private static func alternatives(_ reader: DERReader) -> [String] {
    var reader = reader
    var names: [String] = []
    while let (tag, value) = reader.next() {
      switch (tag, value.count) {
      case (0x82, _): names.append(String(decoding: value, as: UTF8.self).lowercased())
      case (0x87, 4), (0x87, 16): names.append(address(Array(value)))
      default: break
      }
    }
    return names
  }

  private static func address(_ bytes: [UInt8]) -> String {
    var written = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &written, socklen_t(written.count))
    return String(decoding: written.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// As browsers do: `*` stands for one label, the first (RFC 6125 6.4.3).
  func isFor(_ host: String) -> Bool {
    names.contains { $0 == host || ($0.hasPrefix("*.") && host.drop { $0 != "." } == $0.dropFirst()) }
  }
}

/// Tags, lengths and values, one behind the other (ITU-T X.690); believes nothing.
private struct DERReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The value of the next element when it has that tag; otherwise nothing is taken.
  mutating func take(_ tag: UInt8) -> ArraySlice<UInt8>? { rest.first == tag ? next()?.value : nil }

  mutating func next() -> (tag: UInt8, value: ArraySlice<UInt8>)? {
    guard let tag = rest.first, let length = length(), length.count <= rest.endIndex - length.start else { return nil }
    let value = rest[length.start..<length.start + length.count]
    rest = rest[value.endIndex...]
    return (tag, value)
  }

  private func length() -> (start: Int, count: Int)? {
    let at = rest.startIndex + 1
    guard at < rest.endIndex else { return nil }
    if rest[at] < 0x80 { return (at + 1, Int(rest[at])) }
    let bytes = Int(rest[at] & 0x7F)
    guard (1...3).contains(bytes), at + bytes < rest.endIndex else { return nil }
    return (at + 1 + bytes, rest[at + 1...at + bytes].reduce(0) { $0 << 8 | Int($1) })
  }

  /// UTCTime `YYMMDDHHMMSSZ` (years 1950 to 2049) or GeneralizedTime `YYYYMMDDHHMMSSZ`.
  mutating func time() -> UnixTime? {
    let short = take(0x17)
    guard let value = short ?? take(0x18) else { return nil }
    var digits = String(decoding: value, as: UTF8.self)
    if short != nil { digits = (digits < "50" ? "20" : "19") + digits }
    let parts = Array(digits)
    guard parts.count == 15, parts[14] == "Z" else { return nil }
    let text = [(0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14)].map { String(parts[$0.0..<$0.1]) }
    return UnixTime(rfc3339: "\(text[0])-\(text[1])-\(text[2])T\(text[3]):\(text[4]):\(text[5])Z")
  }
}
