import Contracts
import LocalClient

/// Whether the running daemon can be asked, and what the asker may do.
enum SocketCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let report = try? patient.report.get(), report.state != .stopped else { return [] }
    do throws(CallProblem) {
      let me = try LocalClient(socket: patient.socket).ask(WhoAmI())
      return [.ok("permissions.socket", "\(patient.socket) answers; \(me.name) is \(me.role.rawValue) here")]
    } catch {
      let remedy = error.remedy ?? "journalctl -u thrumd says why; check who may enter its folder"
      let words = "\(patient.socket): \(error.reason)"
      // Who may not ask is no fault of the gateway.
      return [
        error.kind == .forbidden
          ? .warning("permissions.socket", words, remedy: remedy) : .error("permissions.socket", words, remedy: remedy)
      ]
    }
  }
}
