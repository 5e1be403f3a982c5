import Configuration
import Contracts

enum UplinkCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let report = try? patient.report.get(), let config = try? patient.config.get() else { return [] }
    guard let plane = config.plane else { return [.ok("plane", "none configured: events stay here")] }
    let unsent = "\(report.store.unsentEvents) events unsent"
    if report.state == .stopped { return [.warning("plane", unsent, remedy: "nothing is sent while thrumd does not run")] }
    guard !report.uplink.connected else { return [.ok("plane", "\(plane.connection.url): connected, \(unsent)")] }
    let words = "\(plane.connection.url): not connected (\(report.uplink.reason ?? "no reason known")), \(unsent)"
    return [.warning("plane", words, remedy: "nothing is lost: events wait here; check the link and the broker of the plane")]
  }
}
