/// A certificate authority and a certificate for 127.0.0.1 (not for localhost), made by openssl for one test.
package final class TestCertificates: Sendable {
  private let folder: TemporaryFolder

  package init() throws {
    folder = try TemporaryFolder()
    try run([
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
      "/CN=test authority", "-keyout", folder.path("ca.key"), "-out", folder.path("ca.pem"),
    ])
    try issue("server")
    try issue("client")
  }

  package var authority: String { folder.path("ca.pem") }
  package var authorityKey: String { folder.path("ca.key") }
  package var server: String { folder.path("server.pem") }
  package var serverKey: String { folder.path("server.key") }
  package var client: String { folder.path("client.pem") }
  package var clientKey: String { folder.path("client.key") }

  /// Lines of mosquitto.conf that encrypt the listener.
  package var brokerLines: [String] { ["cafile \(authority)", "certfile \(server)", "keyfile \(serverKey)"] }

  private func issue(_ name: String) throws {
    try folder.write("subjectAltName=DNS:broker.test,IP:127.0.0.1\n", to: "names")
    try run([
      "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)", "-keyout",
      folder.path("\(name).key"), "-out", folder.path("\(name).csr"),
    ])
    try run([
      "openssl", "x509", "-req", "-days", "2", "-in", folder.path("\(name).csr"), "-CA", authority, "-CAkey",
      folder.path("ca.key"),
      "-CAcreateserial", "-extfile", folder.path("names"), "-out", folder.path("\(name).pem"),
    ])
  }
}
