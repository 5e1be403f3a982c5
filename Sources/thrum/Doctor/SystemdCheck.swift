/// Whether systemd runs it, starts it again after a boot, and has had to.
enum SystemdCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let unit = patient.unit else { return [.ok("systemd.unit", "not run by systemd here")] }
    return [unitState(unit, patient), enabled(unit), restarts(unit), watchdog(unit)]
  }

  private static func unitState(_ unit: SystemdUnit, _ patient: Patient) -> Finding {
    if let pid = patient.daemonPID, let main = unit.mainPID, pid != main {
      return .error(
        "systemd.unit", "\(unit.name) is process \(main), but process \(pid) keeps the store: two daemons",
        remedy: "end process \(pid), then systemctl restart \(unit.name)")
    }
    if let pid = patient.daemonPID, unit.mainPID == nil {
      return .error(
        "systemd.unit", "process \(pid) keeps the store and \(unit.name) does not run: somebody started thrumd by hand",
        remedy: "end process \(pid), then systemctl start \(unit.name)")
    }
    let words = "\(unit.name): \(unit["ActiveState"] ?? "?") (\(unit["SubState"] ?? "?"))"
    return unit.isActive ? .ok("systemd.unit", words) : .error("systemd.unit", words, remedy: "systemctl start \(unit.name)")
  }

  private static func enabled(_ unit: SystemdUnit) -> Finding {
    unit.isEnabled
      ? .ok("systemd.enabled", "starts with the machine")
      : .warning("systemd.enabled", "does not start with the machine", remedy: "systemctl enable \(unit.name)")
  }

  private static func restarts(_ unit: SystemdUnit) -> Finding {
    guard unit.restarts > 0 else { return .ok("systemd.restarts", "never had to be started again") }
    let words = "was started again \(unit.restarts) times" + (unit.end.map { "; \($0)" } ?? "")
    return .warning("systemd.restarts", words, remedy: "journalctl -u \(unit.name) says why; report it if it is Thrum's fault")
  }

  private static func watchdog(_ unit: SystemdUnit) -> Finding {
    let period = unit["WatchdogUSec"] ?? "0"
    return period == "0" || period == "infinity"
      ? .warning("systemd.watchdog", "no watchdog: a daemon that hangs is not noticed", remedy: "WatchdogSec=60 in \(unit.name)")
      : .ok("systemd.watchdog", "watchdog every \(period)")
  }
}
