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

  static func certificate(_ path: String, _ check: String, _ now: UnixTime) -> Finding {
    guard let text = try? TextFile.read(path, maxBytes: 1 << 20) else {
      return .error(check, "\(path): \(String(cString: strerror(errno)))", remedy: "correct the path, or who may read it")
    }
    guard let dates = CertificateDates(pem: text) else {
      return .error(check, "\(path): no certificate in PEM", remedy: "a file that begins with -----BEGIN CERTIFICATE-----")
    }
    if now < dates.from {
      return .error(
        check, "\(path): valid from \(dates.from.local) on only", remedy: "is the clock right? then a new certificate")
    }
    let left = dates.to.seconds(since: now)
    if left < 0 {
      return .error(check, "\(path): expired \(dates.to.local)", remedy: "renew it: whoever is shown it refuses or warns")
    }
    let words = "\(path): valid until \(dates.to.local)"
    return left < 30 * 86_400
      ? .warning(check, "\(words), \(span(seconds: left)) left", remedy: "renew it; it is read anew without a restart")
      : .ok(check, words)
  }
}
