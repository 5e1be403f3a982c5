import Contracts
import LocalClient

/// Whether the running daemon can be asked, and what the asker may do.
enum SocketCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let report = try? patient.report.get(), report.state != .stopped else { return [] }
    do throws(CallProblem) {
      let me = try LocalClient(socket: patient.socket).ask(WhoAmI())
      return [.ok("socket", "\(patient.socket) answers; \(me.name) is \(me.role.rawValue) here")]
    } catch {
      return [
        .error(
          "socket", "\(patient.socket): \(error.reason)",
          remedy: error.remedy ?? "journalctl -u thrumd says why; check who may enter its folder")
      ]
    }
  }
}
