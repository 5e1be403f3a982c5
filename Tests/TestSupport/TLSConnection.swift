/// One request by openssl's client, whatever the certificate.
package enum TLSConnection {
  /// - Parameter options: of openssl-s_client(1).
  /// - Returns: what the server sent, and what openssl tells of the connection.
  package static func ask(
    _ port: Int, _ text: String, _ options: [String] = [], host: String = "127.0.0.1"
  ) throws -> (answer: String, told: String) {
    let folder = try TemporaryFolder()
    let files = [try folder.write(text, to: "request"), folder.path("answer"), folder.path("told")]
    let script = #"in=$1; out=$2; told=$3; shift 3; timeout 20 openssl s_client "$@" <"$in" >"$out" 2>"$told" || :"#
    try run(
      ["sh", "-c", script, "sh"] + files + [
        "-connect", "\(host.contains(":") ? "[\(host)]" : host):\(port)", "-quiet", "-ign_eof",
      ] + options)
    return (try contents(ofFile: files[1]), try contents(ofFile: files[2]))
  }

  /// The SHA-256 fingerprint of the certificate that a new connection is shown, as openssl makes it.
  package static func fingerprint(_ port: Int) throws -> String {
    let script = "openssl s_client -connect 127.0.0.1:\(port) </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256"
    return String(try run(["sh", "-c", script]).split(separator: "=").last?.prefix { !$0.isNewline } ?? "")
  }
}

/// A certificate that signs itself, for gw-1.test, a label of plant.test and 127.0.0.1, and its key, made by openssl.
package func makeCertificate(_ name: String, in folder: TemporaryFolder, options: [String] = ["-nodes"]) throws {
  try run(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "90", "-subj", "/CN=gw-1"]
      + ["-addext", "subjectAltName=DNS:gw-1.test,DNS:*.plant.test,IP:127.0.0.1"] + options + [
        "-keyout", folder.path(name + ".key"), "-out", folder.path(name + ".pem"),
      ])
}
