import Contracts
import Glibc
import Signal
import Terminal

enum ClockCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    let now = UnixTime.now
    if now < ClockStamp.earliest {
      return [.error("clock", "the clock says \(now.rfc3339)", remedy: "set it, or let NTP do so: times in events are wrong")]
    }
    let synchronised = marks.contains { access($0, F_OK) == 0 }
    return [synchronised ? .ok("clock", "\(now.rfc3339), synchronised") : unsynchronised(now)]
  }

  private static func unsynchronised(_ now: UnixTime) -> Finding {
    .warning("clock", "\(now.rfc3339), not known to be synchronised", remedy: "run an NTP client (systemd-timesyncd or chrony)")
  }

  /// systemd-timesyncd touches the first once it has a time; chronyd keeps its socket while it runs.
  private static let marks = ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.sock"]
}
