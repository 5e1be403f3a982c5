import ArgumentParser
import Contracts
import ControlPlane
import ModelPackages
import Terminal

struct Enroll: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enroll", abstract: "Take a gateway's key: from then on what it says counts only when it signed it.",
    discussion: """
      Best made on the gateway, so that the private key never travels; --out makes it here.
      With --certificate the gateway also gets a certificate for a broker that wants one
      (mosquitto: require_certificate, use_identity_as_username), signed by an authority
      of this repository, which openssl makes with the first.

      EXAMPLES
        thrum-plane enroll plant-a/gw-1 --public gw-1.pub
        thrum-plane enroll plant-a/gw-1 --out gw-1.key
        thrum-plane enroll plant-a/gw-1 --out gw-1.key --certificate gw-1.pem --certificate-key gw-1-tls.key
        thrum-plane enroll plant-a/gw-1 --public gw-1.pub --certificate gw-1.pem --certificate-request gw-1.csr
        thrum-plane enroll plant-a/gw-1 --expel
      """)
  @OptionGroup var place: RepositoryOptions
  @Argument(help: ArgumentHelp("The gateway.", valueName: "FLEET/GATEWAY"))
  var gateway: String
  @Option(name: .customLong("public"), help: ArgumentHelp("Its public key.", valueName: "FILE"))
  var publicFile: String?
  @Option(help: ArgumentHelp("Make a key pair: the gateway's private key goes here.", valueName: "FILE"))
  var out: String?
  @Option(help: ArgumentHelp("Make a certificate for the broker: its new file.", valueName: "FILE"))
  var certificate: String?
  @Option(help: ArgumentHelp("Make the certificate's private key: its new file.", valueName: "FILE"))
  var certificateKey: String?
  @Option(help: ArgumentHelp("The gateway has made that key itself: its request, PEM.", valueName: "FILE"))
  var certificateRequest: String?
  @Option(help: "Days that the certificate is good for, 1 to 3650.")
  var days = 730
  @Flag(help: "Take nothing of it any more: its key was stolen, or it left.")
  var expel = false

  func validate() throws {
    guard [publicFile != nil, out != nil, expel].count(where: \.self) == 1 else {
      throw ValidationError("expected one of --public, --out, --expel")
    }
    guard (certificate == nil ? 0 : 1) == [certificateKey, certificateRequest].count(where: { $0 != nil }),
      !expel || certificate == nil
    else { throw ValidationError("--certificate needs one of --certificate-key, --certificate-request, and is not for --expel") }
    guard (1...3650).contains(days) else { throw ValidationError("--days \(days): expected 1 to 3650") }
  }

  func run() throws {
    let parts = gateway.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let topics = PlaneTopics(fleet: parts[0], gateway: parts[1]) else {
      throw UsageError("\(gateway): expected FLEET/GATEWAY, each 1 to 63 of a-z, 0-9 and -")
    }
    let editor = try place.editor()
    if expel {
      try editor.expel(topics)
      let count = try editor.decertify(topics, by: certificates)
      print("\(gateway) is expelled.")
      if count > 0 {
        print("Give the broker \(certificates.revoked) (crlfile), and start it anew: \(count) of its certificates are void.")
      }
      return
    }
    let key = try publicFile.map(publicKey) ?? newKey()
    if let certificate { try certify(topics, certificate, editor) }
    try editor.enroll(topics, key)
    print("\(gateway) is enrolled: what it says counts only with signatures of key \(key.id.string.prefix(16)).")
  }

  private var certificates: GatewayCertificates { GatewayCertificates(place.repository) }

  private func certify(_ topics: PlaneTopics, _ certificate: String, _ editor: RepositoryEditor) throws {
    if let certificateKey {
      try editor.certify(topics, .new(file: certificateKey), certificate: certificate, days: days, by: certificates)
      print("Bring \(certificateKey) to the gateway ([plane] key_file), and keep no copy.")
    } else if let certificateRequest {
      try editor.certify(topics, .request(file: certificateRequest), certificate: certificate, days: days, by: certificates)
    }
    print("Bring \(certificate) to the gateway ([plane] cert_file); the broker knows it by \(certificates.authority) (cafile).")
  }

  private func newKey() throws -> NamedKey {
    let key = try SigningKey(name: gateway)
    if let out {
      try key.write(to: out)
      print("Bring \(out) to the gateway ([plane] signing_key_file), and keep no copy.")
    }
    return key.key
  }
}
