import Contracts
import Crypto
import NIOCore
import NIOSSL
import Synchronization

/// What a listener shows that it is by, a certificate with its key, both from PEM files: looked at while it listens, and read anew when they
/// were replaced. A pair that cannot be used leaves the one before in use. TLS 1.2 or newer; its ciphers with forward secrecy and AEAD alone.
package final class TLSIdentity: Sendable {
  private struct Pair {
    let context: NIOSSLContext
    let fingerprint: String
  }

  private struct State {
    var pair: Pair?
    /// The files as they were read last, and as they were seen last.
    var read: [FileMark] = []
    var seen: [FileMark] = []
  }

  private let certFile: String
  private let keyFile: String
  private let told: @Sendable (CallProblem?) -> Void
  private let state = Mutex(State())

  /// - Parameter told: gets, after each replacement, what is wrong with it, or `nil` when it is in use.
  package init(certFile: String, keyFile: String, told: @escaping @Sendable (CallProblem?) -> Void = { _ in }) {
    (self.certFile, self.keyFile, self.told) = (certFile, keyFile, told)
  }

  /// SHA-256 of the certificate (DER), as browsers show it: `AB:CD:…`; `nil` before it was read.
  package var fingerprint: String? { state.withLock { $0.pair?.fingerprint } }

  /// What new connections get; `nil` before it was read.
  var context: NIOSSLContext? { state.withLock { $0.pair?.context } }

  /// - Throws: what is wrong with the files; then what was in use stays.
  func load() throws(CallProblem) {
    let marks = marks
    state.withLock { ($0.read, $0.seen) = (marks, marks) }
    let pair = try Self.pair(certFile, keyFile)
    state.withLock { $0.pair = pair }
  }

  /// Reads them when they differ from what was read, and are as they were at the last look: certificate and key are two files.
  func look() {
    let marks = marks
    let isDue = state.withLock { state in
      defer { state.seen = marks }
      return marks != state.read && marks == state.seen
    }
    guard isDue else { return }
    do throws(CallProblem) {
      try load()
      told(nil)
    } catch { told(error) }
  }

  private var marks: [FileMark] { [certFile, keyFile].map { FileMark($0) } }

  private static func pair(_ certFile: String, _ keyFile: String) throws(CallProblem) -> Pair {
    let chain = try certificates(certFile)
    guard let first = chain.first, let der = try? first.toDERBytes() else { throw noCertificate(certFile) }
    var settings = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(try key(keyFile)))
    settings.minimumTLSVersion = .tlsv12
    settings.cipherSuites = "ECDH+AESGCM:ECDH+CHACHA20"
    settings.applicationProtocols = ["http/1.1"]
    settings.shutdownTimeout = .seconds(2)
    guard let context = try? NIOSSLContext(configuration: settings) else {
      throw PEMFile.problem(
        keyFile, "it is not the key of \(certFile), or of no kind that TLS 1.2 knows", "replace both, as one pair")
    }
    return Pair(context: context, fingerprint: fingerprint(der))
  }

  private static func certificates(_ path: String) throws(CallProblem) -> [NIOSSLCertificate] {
    let file = try PEMFile(path, isSecret: false)
    guard let chain = try? NIOSSLCertificate.fromPEMBytes(file.bytes) else { throw noCertificate(path) }
    return chain
  }

  private static func key(_ path: String) throws(CallProblem) -> NIOSSLPrivateKey {
    let file = try PEMFile(path, isSecret: true)
    // Without an answer of ours BoringSSL would ask the terminal for a passphrase.
    guard let key = try? NIOSSLPrivateKey(bytes: file.bytes, format: .pem, passphraseCallback: { give in give([UInt8]()) }) else {
      throw PEMFile.problem(path, "no private key in PEM without a passphrase", "openssl pkey -in KEY -out \(path)")
    }
    return key
  }

  private static func noCertificate(_ path: String) -> CallProblem {
    PEMFile.problem(path, "no certificate in PEM", "a file that begins with -----BEGIN CERTIFICATE-----")
  }

  private static func fingerprint(_ der: [UInt8]) -> String {
    SHA256.hash(data: der).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: ":")
  }
}
