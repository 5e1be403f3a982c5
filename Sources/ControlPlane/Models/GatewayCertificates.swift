import Contracts
import Glibc
import ModelPackages

/// Certificates by which the broker knows gateways (X.509, ECDSA P-256, for clients only), made by the `openssl` program in `broker-ca/` of
/// the repository: an authority of its own, that vouches for gateways at this plane's broker and for nothing else.
package struct GatewayCertificates: Sendable {
  private let repository: PlaneRepository
  /// Found in `PATH` unless it holds a slash.
  private let program: String

  package init(_ repository: PlaneRepository, program: String = "openssl") {
    (self.repository, self.program) = (repository, program)
  }

  private var folder: String { repository.path("broker-ca") }
  private func place(_ name: String) -> String { "\(folder)/\(name)" }
  /// For the broker: whom it lets in (mosquitto's `cafile`), and whom no more (`crlfile`).
  package var authority: String { "\(folder)/ca.pem" }
  package var revoked: String { "\(folder)/crl.pem" }
  package var isThere: Bool { access(authority, F_OK) == 0 }

  /// Where a gateway's private key for TLS comes from.
  package enum KeySource {
    /// Made here, written to this new file.
    case new(file: String)
    /// Stays on the gateway, which made this request (PKCS #10).
    case request(file: String)
  }

  /// The subject is the gateway's name within its fleet, as the broker's access rules know it, whatever a request says.
  /// - Parameters:
  ///   - file: gets the certificate, PEM.
  ///   - days: 1 to 3650.
  func issue(to gateway: PlaneTopics, _ source: KeySource, certificate file: String, days: Int) throws {
    try prepare()
    let name = "/O=\(gateway.fleet)/CN=\(gateway.gateway)"
    defer { for made in ["new.key", "new.csr", "new.pem"] { unlink(place(made)) } }
    switch source {
    case .new:
      try run(
        ["req", "-new", "-config", place("openssl.cnf"), "-subj", name, "-keyout", place("new.key"), "-out", place("new.csr")]
          + Self.newKey)
    case .request(let request):
      guard let bytes = try DurableFile.read(request, maxBytes: 65_536) else {
        throw PlaneError("read", request, reason: "there is no such file", remedy: "make one: openssl req -new …")
      }
      try DurableFile.write(bytes, to: place("new.csr"), mode: 0o600)
    }
    let ends = ["-days", "\(days)", "-in", place("new.csr"), "-out", place("new.pem")]
    try run(["ca", "-batch", "-notext", "-config", place("openssl.cnf"), "-subj", name] + ends)
    try copy("new.pem", to: file, mode: 0o644)
    if case .new(let key) = source { try copy("new.key", to: key, mode: 0o600) }
    try list()
  }

  /// Nothing that was issued to it is taken any more, once the broker has the new list.
  /// - Returns: how many certificates that were.
  func revoke(_ gateway: PlaneTopics) throws -> Int {
    guard isThere, let index = try DurableFile.read(place("index.txt"), maxBytes: 1 << 24) else { return 0 }
    // OpenSSL's database: state, end, revocation, serial, file, subject, with tabs between.
    let rows = String(decoding: index, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
    let serials = rows.filter { $0.count == 6 && $0[0] == "V" && $0[5] == "/O=\(gateway.fleet)/CN=\(gateway.gateway)" }.map {
      $0[3]
    }
    for serial in serials { try run(["ca", "-config", place("openssl.cnf"), "-revoke", place("issued/\(serial).pem")]) }
    try list()
    return serials.count
  }

  // MARK: the authority

  private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

  private func prepare() throws {
    for folder in [folder, "\(folder)/issued"] {
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw DurableFile.failure("make", folder) }
    }
    if isThere { return }
    try DurableFile.write(Array(Self.configuration.utf8), to: place("openssl.cnf"), mode: 0o644)
    try DurableFile.write([], to: place("index.txt"), mode: 0o600)
    let files = ["-keyout", place("ca.key"), "-out", place("ca.new")]
    try run(
      ["req", "-x509", "-config", place("openssl.cnf"), "-subj", "/CN=Thrum gateways", "-days", "3650"] + files + Self.newKey)
    try copy("ca.new", to: authority, mode: 0o644)
    unlink("\(folder)/ca.new")
  }

  private func list() throws {
    try run(["ca", "-config", place("openssl.cnf"), "-gencrl", "-out", place("crl.new")])
    try copy("crl.new", to: revoked, mode: 0o644)
    unlink("\(folder)/crl.new")
  }

  private func copy(_ name: String, to path: String, mode: mode_t) throws {
    guard let bytes = try DurableFile.read("\(folder)/\(name)", maxBytes: 1 << 20) else {
      throw PlaneError("read", "\(folder)/\(name)", reason: "openssl did not make it")
    }
    try DurableFile.write(bytes, to: path, mode: mode)
  }

  private func run(_ words: [String]) throws { try OpenSSLProcess.run([program] + words, in: folder) }

  /// The list has no end worth the name: a broker refuses everybody when it is over.
  private static let configuration = """
    [req]
    distinguished_name = name
    prompt = no
    x509_extensions = authority
    [name]
    CN = gateway
    [authority]
    basicConstraints = critical, CA:TRUE, pathlen:0
    keyUsage = critical, keyCertSign, cRLSign
    subjectKeyIdentifier = hash
    [ca]
    default_ca = gateways
    [gateways]
    database = $ENV::BROKER_CA/index.txt
    new_certs_dir = $ENV::BROKER_CA/issued
    certificate = $ENV::BROKER_CA/ca.pem
    private_key = $ENV::BROKER_CA/ca.key
    rand_serial = yes
    default_md = sha256
    default_crl_days = 3650
    policy = subject
    unique_subject = no
    copy_extensions = none
    x509_extensions = gateway
    [subject]
    organizationName = supplied
    commonName = supplied
    [gateway]
    basicConstraints = critical, CA:FALSE
    keyUsage = critical, digitalSignature
    extendedKeyUsage = clientAuth
    subjectKeyIdentifier = hash
    authorityKeyIdentifier = keyid

    """
}

/// One call of openssl, without a shell.
private enum OpenSSLProcess {
  static func run(_ words: [String], in folder: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let said = "\(folder)/openssl.log"
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, said, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    let mask = umask(0o077)
    defer { umask(mask) }
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let texts: [String] = ["BROKER_CA=\(folder)", "PATH=\(path)"]
    var variables: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for variable in variables { free(variable) } }
    var process: pid_t = 0
    let failure = posix_spawnp(&process, words[0], &actions, nil, &arguments, &variables)
    guard failure == 0 else {
      throw PlaneError(
        "run", words[0], reason: String(cString: strerror(failure)), remedy: "install openssl, or enroll without --certificate")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else {
      let text = String(decoding: (try? DurableFile.read(said, maxBytes: 2048)) ?? [], as: UTF8.self)
      throw PlaneError("run", words.prefix(2).joined(separator: " "), reason: text.split(separator: "\n").joined(separator: "; "))
    }
  }
}

extension RepositoryEditor {
  /// A certificate for the broker, made beside the gateway's key; the authority comes to be with the first.
  package func certify(
    _ gateway: PlaneTopics, _ source: GatewayCertificates.KeySource, certificate file: String, days: Int,
    by certificates: GatewayCertificates
  ) throws {
    try certificates.issue(to: gateway, source, certificate: file, days: days)
    try record("certify", "\(gateway.fleet)/\(gateway.gateway)", "for \(days) days")
  }

  /// - Returns: how many certificates the broker must take no more.
  package func decertify(_ gateway: PlaneTopics, by certificates: GatewayCertificates) throws -> Int {
    let count = try certificates.revoke(gateway)
    if count > 0 { try record("decertify", "\(gateway.fleet)/\(gateway.gateway)", "\(count) certificates") }
    return count
  }
}
