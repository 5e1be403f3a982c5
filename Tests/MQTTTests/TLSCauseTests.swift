import TestSupport
import Testing

@testable import MQTT

/// Each way in which an encrypted connection fails is named, with what to do. Real mosquitto, real certificates.
@Suite struct TLSCauseTests {
  let certificates: TestCertificates
  let folder: TemporaryFolder

  init() throws {
    certificates = try TestCertificates()
    folder = try TemporaryFolder()
  }

  enum Side: String, CaseIterable {
    case unknownAuthority, selfSigned, otherName, expired, notYetValid, plainPort, ownCertificateMissing, ownCertificateRefused,
      keyOfAnother, notPEM
  }

  @Test("a broker's or our own mistake is named", arguments: Side.allCases)
  func named(side: Side) throws {
    let (lines, cause) = try broker(side)
    let broker = try Broker(lines)
    let session = MQTTSession(try endpoint(side, broker.port), .init(clientID: "tls", kind: .plane))
    var reason = ""
    let isNamed = eventually {
      _ = session.read(waitSeconds: 0.1)
      reason = session.connection.reason ?? ""
      return reason.contains(cause.words)
    }
    #expect(isNamed, "\(reason)")
  }

  private func broker(_ side: Side) throws -> (lines: [String], cause: TLSCause) {
    switch side {
    case .unknownAuthority: (certificates.brokerLines, .unknownAuthority)
    case .otherName: (certificates.brokerLines, .otherName)
    case .selfSigned: (["certfile \(try lonely())", "keyfile \(folder.path("lonely.key"))"], .selfSigned)
    case .expired: (try issued("2020-01-01"), .expired)
    case .notYetValid: (try issued("2040-01-01"), .notYetValid)
    case .plainPort: ([], .plainPort)
    case .ownCertificateMissing: (certificates.brokerLines + ["require_certificate true"], .ownCertificateMissing)
    case .ownCertificateRefused: (certificates.brokerLines + ["require_certificate true"], .ownCertificateRefused)
    case .keyOfAnother: (certificates.brokerLines, .keyOfAnother)
    case .notPEM: (certificates.brokerLines, .notPEM)
    }
  }

  private func endpoint(_ side: Side, _ port: UInt16) throws -> MQTTEndpoint {
    let other = try TestCertificates()
    let host = side == .otherName ? "localhost" : "127.0.0.1"
    let url = "mqtts://\(host):\(port)"
    switch side {
    case .unknownAuthority, .selfSigned:
      try copy(other.authority, "other.pem")
      return try MQTTEndpoint(url: url, caFile: folder.path("other.pem"))
    case .ownCertificateRefused:
      try copy(other.client, "client.pem")
      try copy(other.clientKey, "client.key")
      return try MQTTEndpoint(
        url: url, caFile: certificates.authority, certFile: folder.path("client.pem"), keyFile: folder.path("client.key"))
    case .keyOfAnother:
      return try MQTTEndpoint(
        url: url, caFile: certificates.authority, certFile: certificates.client, keyFile: certificates.serverKey)
    case .notPEM:
      try folder.write("this is no certificate\n", to: "ca.pem")
      return try MQTTEndpoint(url: url, caFile: folder.path("ca.pem"))
    default:
      try copy(certificates.authority, "authority.pem")
      return try MQTTEndpoint(url: url, caFile: folder.path("authority.pem"))
    }
  }

  private func copy(_ file: String, _ name: String) throws { try run(["cp", file, folder.path(name)]) }

  /// A certificate that nobody else signed.
  private func lonely() throws -> String {
    try run([
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
      "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder.path("lonely.key"), "-out",
      folder.path("lonely.pem"),
    ])
    return folder.path("lonely.pem")
  }

  /// A server's certificate made on another day.
  private func issued(_ day: String) throws -> [String] {
    try folder.write("subjectAltName=IP:127.0.0.1\n", to: "names")
    try run([
      "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=server", "-keyout",
      folder.path("dated.key"), "-out", folder.path("dated.csr"),
    ])
    try run([
      "faketime", day, "openssl", "x509", "-req", "-days", "2", "-in", folder.path("dated.csr"), "-CA", certificates.authority,
      "-CAkey", certificates.authorityKey, "-set_serial", "77", "-extfile", folder.path("names"), "-out",
      folder.path("dated.pem"),
    ])
    return ["cafile \(certificates.authority)", "certfile \(folder.path("dated.pem"))", "keyfile \(folder.path("dated.key"))"]
  }

  @Test("what a clock is to blame for is not blamed on the certificate")
  func clock() {
    #expect(TLSCause(verification: 9, isClockWrong: true) == .clockIsWrong)
    #expect(TLSCause(verification: 9, isClockWrong: false) == .notYetValid)
    #expect(TLSCause(verification: 0, isClockWrong: true) == nil)
  }

  @Test(
    "what cannot be made here is known by OpenSSL's words",
    arguments: [
      ("OpenSSL Error[0]: error:0A000102:SSL routines::unsupported protocol", TLSCause.oldProtocol),
      ("OpenSSL Error[0]: error:0A00042E:SSL routines::tlsv1 alert protocol version", .oldProtocol),
      ("OpenSSL Error[0]: error:0A000410:SSL routines::sslv3 alert handshake failure", .noCommonCipher),
      ("OpenSSL Error[0]: error:0A000414:SSL routines::sslv3 alert certificate revoked", .ownCertificateRefused),
      ("OpenSSL Error[0]: error:0A000415:SSL routines::sslv3 alert certificate expired", .ownCertificateExpired),
    ])
  func words(line: String, cause: TLSCause) { #expect(TLSCause(line: line) == cause) }

  @Test("every cause says what to do, and no two say the same")
  func distinct() {
    #expect(TLSCause.allCases.count >= 12)
    #expect(Set(TLSCause.allCases.map(\.words)).count == TLSCause.allCases.count)
  }

  @Test("a replaced certificate is used by a new connection, without a restart; the session is kept")
  func replaced() throws {
    let broker = try Broker(certificates.brokerLines + ["require_certificate true"])
    try copy(certificates.client, "client.pem")
    try copy(certificates.clientKey, "client.key")
    let session = MQTTSession(
      try MQTTEndpoint(
        url: "mqtts://127.0.0.1:\(broker.port)", caFile: certificates.authority, certFile: folder.path("client.pem"),
        keyFile: folder.path("client.key")), .init(clientID: "renewed", kind: .plant, subscriptions: [.init("a/#")]))
    var notices: [SessionNotice] = []
    func heard(_ wanted: (SessionNotice) -> Bool) -> Bool {
      eventually {
        notices = session.read(waitSeconds: 0.1).notices
        return notices.contains(where: wanted)
      }
    }
    #expect(heard { if case .connected = $0 { true } else { false } })
    // The server's own certificate serves as another client's.
    try copy(certificates.server, "client.pem")
    try copy(certificates.serverKey, "client.key")
    #expect(heard { if case .disconnected(let reason) = $0 { reason.contains("certificate") } else { false } })
    #expect(heard { if case .connected(let present) = $0 { present } else { false } })
    #expect(eventually { broker.log.components("renewed").count >= 2 })
  }
}

extension String {
  fileprivate func components(_ part: String) -> [Substring] {
    split(separator: "\n").filter { $0.contains(part) && $0.contains("connected") }
  }
}
