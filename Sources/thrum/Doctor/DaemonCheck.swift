import Contracts

enum DaemonCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    switch patient.report {
    case .failure(let error):
      return [.error("daemon", "\(error)", remedy: "start thrumd once; if it ran, check who may read \(patient.folder)")]
    case .success(let report):
      return state(of: report)
    }
  }

  private static func state(of report: StatusReport) -> [Finding] {
    switch report.state {
    case .healthy: [.ok("daemon", "thrumd \(report.version) runs and is healthy")]
    case .starting: [.ok("daemon", "thrumd \(report.version) is starting")]
    case .stopped:
      [.error("daemon", "thrumd does not run" + (report.stoppedSince.map { "; it last wrote at \($0)" } ?? ""), remedy: remedy)]
    case .degraded: report.reasons.map { .error("daemon", "degraded: \($0)", remedy: "see the checks below") }
    }
  }

  private static let remedy = "systemctl start thrumd; journalctl -u thrumd says why it ended"
}
