import Glibc
import MQTT
import TestSupport
import Testing

@Suite struct TLSTests {
  let certificates: TestCertificates
  init() throws { certificates = try TestCertificates() }

  private func session(_ port: UInt16, host: String = "127.0.0.1", caFile: String? = nil, withClientCertificate: Bool = false)
    throws
    -> MQTTSession
  {
    let endpoint = try MQTTEndpoint(
      url: "mqtts://\(host):\(port)", caFile: caFile ?? certificates.authority,
      certFile: withClientCertificate ? certificates.client : nil, keyFile: withClientCertificate ? certificates.clientKey : nil)
    return MQTTSession(endpoint, .init(clientID: "plant", kind: .plant, subscriptions: [.init("t/#")]))
  }

  private func reason(of session: MQTTSession, contains words: String...) -> Bool {
    eventually {
      _ = session.read(waitSeconds: 0.2)
      return words.contains { session.connection.reason?.contains($0) == true }
    }
  }

  @Test("bursts that share a TLS record do not stall: 3,000 messages, 20 a record")
  func bursts() throws {
    let folder = try TemporaryFolder()
    let broker = try ChildProcess(
      [
        "python3", "-u", "\(repositoryRoot)/Tests/TestSupport/tls_burst_broker.py", certificates.server, certificates.serverKey,
        "3000",
        "20",
      ], output: folder.path("output"))
    func output() -> [Substring] { ((try? contents(ofFile: folder.path("output"))) ?? "").split(separator: "\n") }
    #expect(eventually { !output().isEmpty })
    let port = try #require(output().first.flatMap { UInt16($0) })
    let endpoint = try MQTTEndpoint(url: "mqtts://127.0.0.1:\(port)", caFile: certificates.authority, protocolVersion: .v311)
    var options = MQTTSession.Options(clientID: "plant", kind: .plant, subscriptions: [.init("t/#")])
    options.lingerSeconds = 0.001
    let session = MQTTSession(endpoint, options)
    let taken = session.readAll(within: 60, waitSeconds: 10) { $0.messages.count >= 3000 }
    #expect(taken.messages.map(text) == (0..<3000).map { "\($0)" })
    // A record's twenty are read together: sixteen and four; a reader that stops early takes them one by one.
    #expect(taken.batches <= 600)
    #expect(eventually { !broker.isRunning })
    #expect(output().last == "acknowledged 3000")
  }

  @Test("a certificate of another authority is refused, and named")
  func wrongAuthority() throws {
    let broker = try Broker(certificates.brokerLines)
    let others = try TestCertificates()
    let session = try session(broker.port, caFile: others.authority)
    #expect(reason(of: session, contains: "authority that is not trusted"), "\(session.connection)")
  }

  @Test("a certificate for another name is refused")
  func wrongName() throws {
    let broker = try Broker(certificates.brokerLines)
    let session = try session(broker.port, host: "localhost")
    #expect(reason(of: session, contains: "for another name"), "\(session.connection)")
  }

  @Test("a file that is not there is named")
  func missingFile() throws {
    let session = try session(1, caFile: "/nowhere/ca.pem")
    #expect(reason(of: session, contains: "/nowhere/ca.pem"), "\(session.connection)")
  }

  @Test("a plain broker on the port is told from an encrypted one")
  func plainBroker() throws {
    let broker = try Broker()
    let session = try session(broker.port)
    #expect(reason(of: session, contains: "TLS"), "\(session.connection)")
  }

  @Test("a broker that wants a client's certificate gets ours")
  func clientCertificate() throws {
    let broker = try Broker(certificates.brokerLines + ["require_certificate true"])
    let without = try session(broker.port)
    // Whether OpenSSL's alert is read before the reset that follows it is a race.
    #expect(reason(of: without, contains: "certificate", "closed"), "\(without.connection)")
    #expect(try session(broker.port, withClientCertificate: true).connect().notices == [.connected(sessionPresent: false)])
  }
}
