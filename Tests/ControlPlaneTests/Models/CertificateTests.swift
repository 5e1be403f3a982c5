import Contracts
import Foundation
import TestSupport
import Testing

@testable import ControlPlane

/// `thrum-plane enroll --certificate`: what a real mosquitto lets in that wants certificates.
@Suite struct CertificateTests {
  private let folder: TemporaryFolder
  private let server: TestCertificates

  init() throws { (folder, server) = (try TemporaryFolder(), try TestCertificates()) }

  private func plane(_ repository: String = "repository", _ arguments: String...) throws {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("thrum-plane").path
    _ = try run([program] + arguments + ["--repository", folder.path(repository)])
  }

  private func enroll(_ gateway: String, _ name: String, in repository: String = "repository") throws {
    try plane(
      repository, "enroll", gateway, "--out", folder.path("\(name).signing"), "--certificate", folder.path("\(name).pem"),
      "--certificate-key", folder.path("\(name).key"))
  }

  /// Wants certificates of the plane's authority; whoever has one is called by its subject and may publish as that gateway alone.
  private func broker() throws -> Broker {
    let authority = GatewayCertificates(PlaneRepository(folder.path("repository")))
    try folder.write(
      AccessRules(gateways: [try #require(.init(fleet: "demo", gateway: "gw-1"))], plane: "plane").text, to: "rights")
    return try Broker([
      "cafile \(authority.authority)", "crlfile \(authority.revoked)", "certfile \(server.server)", "keyfile \(server.serverKey)",
      "require_certificate true", "use_identity_as_username true", "allow_anonymous false", "acl_file \(folder.path("rights"))",
    ])
  }

  /// Whether the broker takes a message with QoS 1.
  private func isLetIn(_ name: String?, _ broker: Broker) -> Bool {
    let own = name.map { ["--cert", folder.path("\($0).pem"), "--key", folder.path("\($0).key")] } ?? []
    let command =
      ["mosquitto_pub", "-h", "127.0.0.1", "-p", "\(broker.port)", "--cafile", server.authority] + own
      + ["-q", "1", "-V", "mqttv5", "-t", "thrum/v1/demo/gw-1/up/hello", "-m", "{}"]
    return (try? run(command)) != nil
  }

  @Test("a broker that wants certificates lets in who was enrolled, and no stranger; nobody who was expelled")
  func letIn() throws {
    try enroll("demo/gw-1", "gw-1")
    try enroll("demo/gw-2", "gw-2")
    try enroll("demo/gw-1", "stranger", in: "another plane")
    let first = try broker()
    #expect(isLetIn("gw-1", first))
    #expect(!isLetIn("stranger", first), "another authority's, under the same name")
    #expect(!isLetIn(nil, first))
    #expect(first.log.contains("'gw-1'") || first.log.contains("u'gw-1'"), "known by its subject")
    #expect(!first.log.contains("Denied PUBLISH"))
    _ = isLetIn("gw-2", first)
    #expect(first.log.contains("Denied PUBLISH"), "another gateway's name is not its own")
    first.stop()
    try plane("repository", "enroll", "demo/gw-1", "--expel")
    let second = try broker()
    #expect(!isLetIn("gw-1", second))
    #expect(!second.log.contains("Received PUBLISH"))
    #expect(
      eventually(within: 10) {
        _ = isLetIn("gw-2", second); return second.log.contains("gw-2")
      })
  }

  @Test("a gateway that made its key itself gets a certificate of its name, whatever its request says")
  func request() throws {
    _ = try run([
      "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/O=demo/CN=plane",
      "-keyout", folder.path("gw-1.key"), "-out", folder.path("gw-1.csr"),
    ])
    try plane(
      "repository", "enroll", "demo/gw-1", "--out", folder.path("signing"), "--certificate", folder.path("gw-1.pem"),
      "--certificate-request", folder.path("gw-1.csr"))
    let text = try run(["openssl", "x509", "-in", folder.path("gw-1.pem"), "-noout", "-subject", "-ext", "extendedKeyUsage"])
    #expect(text.contains("O = demo, CN = gw-1") && text.contains("TLS Web Client Authentication"))
    #expect(isLetIn("gw-1", try broker()))
  }

  @Test("private keys are their owner's alone; without openssl the reason and a remedy are told, and nothing is enrolled")
  func files() throws {
    try enroll("demo/gw-1", "gw-1")
    for file in ["gw-1.key", "gw-1.signing", "repository/broker-ca/ca.key"] {
      let mode = try FileManager.default.attributesOfItem(atPath: folder.path(file))[.posixPermissions] as? Int
      #expect(mode == 0o600, "\(file)")
    }
    let site = try RepositorySite()
    let absent = GatewayCertificates(site.repository, program: "openssl-that-is-not-there")
    let gateway = try #require(PlaneTopics(fleet: "demo", gateway: "gw-1"))
    let error = #expect(throws: PlaneError.self) {
      try site.edit {
        try $0.certify(gateway, .new(file: folder.path("no.key")), certificate: folder.path("no.pem"), days: 1, by: absent)
      }
    }
    #expect(error?.remedy?.contains("install openssl") == true)
    #expect(!FileManager.default.fileExists(atPath: folder.path("no.pem")))
  }
}
