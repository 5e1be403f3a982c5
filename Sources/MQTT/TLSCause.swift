/// Why there is no encrypted connection, as far as OpenSSL tells, in words for the person who has to mend it.
enum TLSCause: Equatable, CaseIterable {
  case unknownAuthority, selfSigned, otherName, expired, notYetValid, clockIsWrong, revoked, weakKey, wrongPurpose
  case plainPort, oldProtocol, noCommonCipher
  case ownCertificateMissing, ownCertificateRefused, ownCertificateExpired, keyOfAnother, notPEM

  /// - Parameters:
  ///   - code: of SSL_get_verify_result (openssl-verification-options(1)); 0: the certificate is not to blame.
  ///   - isClockWrong: the wall clock shows a time that cannot be.
  init?(verification code: Int, isClockWrong: Bool) {
    switch code {
    case 2, 19, 20, 21, 27: self = .unknownAuthority
    case 18: self = .selfSigned
    case 9: self = isClockWrong ? .clockIsWrong : .notYetValid
    case 10: self = .expired
    case 23: self = .revoked
    case 24, 26, 28: self = .wrongPurpose
    case 62, 63, 64: self = .otherName
    case 66, 67, 68: self = .weakKey
    default: return nil
    }
  }

  /// - Parameter text: a line of libmosquitto's log.
  init?(line text: String) {
    guard let found = Self.signs.first(where: { text.contains($0.0) }) else { return nil }
    self = found.1
  }

  /// Alerts come from the broker: they are about us. In the order in which they are looked for.
  private static let signs: [(String, TLSCause)] = [
    ("host name verification failed", .otherName), ("wrong version number", .plainPort), ("packet length too long", .plainPort),
    ("http request", .plainPort), ("unexpected eof", .plainPort), ("alert certificate required", .ownCertificateMissing),
    ("peer did not return a certificate", .ownCertificateMissing), ("alert certificate expired", .ownCertificateExpired),
    ("alert certificate revoked", .ownCertificateRefused), ("alert certificate unknown", .ownCertificateRefused),
    ("alert bad certificate", .ownCertificateRefused), ("alert unknown ca", .ownCertificateRefused),
    ("alert unsupported certificate", .ownCertificateRefused), ("alert access denied", .ownCertificateRefused),
    ("protocol version", .oldProtocol), ("unsupported protocol", .oldProtocol), ("no protocols available", .oldProtocol),
    ("no shared cipher", .noCommonCipher), ("alert handshake failure", .noCommonCipher), ("key values mismatch", .keyOfAnother),
    ("no start line", .notPEM), ("Unable to load CA certificates", .notPEM), ("bad base64", .notPEM), ("bad end line", .notPEM),
    ("PEM lib", .notPEM),
    ("no certificate or crl found", .notPEM), ("ASN1 lib", .notPEM), ("ee key too small", .weakKey),
    ("ca md too weak", .weakKey),
  ]

  /// What is seen, and what to do.
  var words: String {
    switch self {
    case .unknownAuthority: "the broker's certificate is signed by an authority that is not trusted here; check ca_file"
    case .selfSigned: "the broker's certificate is its own authority; give it as ca_file if it is yours"
    case .otherName: "the broker's certificate is for another name; use the name in url that it was made for"
    case .expired: "the broker's certificate has expired; renew it, and look whether this gateway's clock is right"
    case .notYetValid: "the broker's certificate is not valid yet; look whether the clocks are right here and where it was made"
    case .clockIsWrong: "this gateway's clock is wrong, so no certificate is valid yet; set it, or let NTP do so"
    case .revoked: "the broker's certificate is revoked; give it a new one"
    case .weakKey: "the broker's certificate has a weak key or digest; make one with RSA 2048, ECDSA or Ed25519, and SHA-256"
    case .wrongPurpose: "the broker's certificate is not made for servers; make one with extendedKeyUsage serverAuth"
    case .plainPort: "the broker's port speaks no TLS, as it seems; use its TLS port, mostly 8883, or mqtt://"
    case .oldProtocol: "the broker speaks only versions of TLS that are no longer safe; 1.2 or newer is needed"
    case .noCommonCipher: "the broker shares no cipher with us; allow the usual ones of TLS 1.2 or 1.3"
    case .ownCertificateMissing: "the broker wants a certificate from us, as it seems; set cert_file and key_file"
    case .ownCertificateRefused:
      "the broker does not accept our certificate, as it seems; was cert_file signed by the authority it trusts?"
    case .ownCertificateExpired: "our certificate has expired, says the broker; renew cert_file"
    case .keyOfAnother: "key_file is not the key of cert_file"
    case .notPEM: "ca_file, cert_file or key_file is not in PEM form"
    }
  }
}
