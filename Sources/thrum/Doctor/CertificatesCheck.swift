import Configuration
import Glibc
import Signal
import Terminal

/// Certificates that Thrum is told to use: there, readable, and valid for a while.
enum CertificatesCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let config = try? patient.config.get() else { return [] }
    return of(config.broker, "broker", patient.now) + (config.plane.map { of($0.connection, "plane", patient.now) } ?? [])
  }

  private static func of(_ link: Connection, _ name: String, _ now: UnixTime) -> [Finding] {
    let files = [link.caFile, link.certFile].compactMap { $0 }
    guard !files.isEmpty else {
      return [.ok("certificates.\(name)", link.url.isEncrypted ? "the system's authorities are trusted" : "none in use")]
    }
    return files.map { certificate($0, "certificates.\(name)", now) }
  }

  /// - Parameter hosts: by which it is asked for; it must be for each.
  static func certificate(_ path: String, _ check: String, _ now: UnixTime, hosts: [String] = []) -> Finding {
    guard let text = try? TextFile.read(path, maxBytes: 1 << 20) else {
      return .error(check, "\(path): \(String(cString: strerror(errno)))", remedy: "correct the path, or who may read it")
    }
    guard let read = Certificate(pem: text) else {
      return .error(check, "\(path): no certificate in PEM", remedy: "a file that begins with -----BEGIN CERTIFICATE-----")
    }
    if now < read.from {
      return .error(
        check, "\(path): valid from \(read.from.local) on only", remedy: "is the clock right? then a new certificate")
    }
    let left = read.to.seconds(since: now)
    if left < 0 {
      return .error(check, "\(path): expired \(read.to.local)", remedy: "renew it: whoever is shown it refuses or warns")
    }
    if let stranger = hosts.first(where: { !read.isFor($0) }) {
      let own = read.names.isEmpty ? "nobody by name" : read.names.prefix(4).joined(separator: ", ")
      return .warning(
        check, "\(path): not for \(stranger) but for \(own.printable); a browser warns",
        remedy: "a certificate with that name among its alternative names (SAN), or names in [page] that it has")
    }
    let words = "\(path): valid until \(read.to.local)"
    return left < 30 * 86_400
      ? .warning(check, "\(words), \(span(seconds: left)) left", remedy: "renew it; it is read anew without a restart")
      : .ok(check, words)
  }
}
