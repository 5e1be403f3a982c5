import Configuration
import Contracts
import Signal
import Terminal

/// Who can reach the page, and what he meets first.
enum PageCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let page = try? patient.config.get().page else { return [] }
    guard let address = page.address else { return [.ok("page.listener", "switched off")] }
    return [trouble(patient) ?? listener(address, page)] + [certificate(page, patient.now)].compactMap { $0 }
  }

  /// What the daemon says of it: a port that is taken, a certificate that is not its key's.
  private static func trouble(_ patient: Patient) -> Finding? {
    let reason = (try? patient.report.get())?.reasons.first { $0.hasPrefix("page: ") }
    return reason.map { .error("page.listener", String($0.dropFirst(6)), remedy: "mend it; thrumd tries again by itself") }
  }

  private static func listener(_ address: ListenAddress, _ page: ThrumConfig.Page) -> Finding {
    if address.isLoopback { return .ok("page.listener", "\(address): this gateway's programs alone; from elsewhere by ssh -L") }
    let words = "\(address), TLS: whoever reaches it gets the log-in, and nothing else without a code from thrum page"
    guard address.isEverywhere else { return .ok("page.listener", words) }
    return .warning(
      "page.listener", words + "; in every network of this gateway, the sensors' and the office's too",
      remedy: "in listen give the address in the technicians' network, or close the port to others by a firewall")
  }

  private static func certificate(_ page: ThrumConfig.Page, _ now: UnixTime) -> Finding? {
    guard page.isEncrypted, let file = page.certFile else { return nil }
    // Of those that nobody wrote down, the one that thrum page prints.
    let hosts = page.names.isEmpty ? Array(page.hosts.prefix(1)) : page.names
    return CertificatesCheck.certificate(file, "page.certificate", now, hosts: hosts)
  }
}
