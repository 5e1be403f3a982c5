import Configuration
import Contracts
import Signal
import Terminal

/// The way to the plane: whether it is open, what waits, and what it may cost.
enum UplinkCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let report = try? patient.report.get(), let config = try? patient.config.get() else { return [] }
    guard let plane = config.plane else { return [.ok("plane.link", "none configured: events stay here")] }
    return [link(report, plane, of: config.gateway), backlog(report, patient.now), budget(report)]
  }

  private static func link(_ report: StatusReport, _ plane: ThrumConfig.Plane, of gateway: ThrumConfig.Gateway) -> Finding {
    if report.state == .stopped {
      return .warning("plane.link", "nothing is sent while thrumd does not run", remedy: "see daemon above")
    }
    guard !report.uplink.connected else { return .ok("plane.link", "\(plane.connection.url): connected") }
    switch report.uplink.reason {
    case StatusReport.Uplink.silent: return silence(plane, of: gateway)
    case StatusReport.Uplink.awaited:
      return .warning(
        "plane.link", "\(plane.connection.url): \(StatusReport.Uplink.awaited)", remedy: "nothing yet: ask again in a minute")
    default: break
    }
    let words = "\(plane.connection.url): not connected (\(report.uplink.reason ?? "no reason known"))"
    return .warning(
      "plane.link", words, remedy: "nothing is lost: events wait here; check the link and the broker of the plane")
  }

  /// The plane takes nothing unsigned, or signed by another key, in an enrolled gateway's name, and says so in its own log alone.
  private static func silence(_ plane: ThrumConfig.Plane, of gateway: ThrumConfig.Gateway) -> Finding {
    let name = "\(gateway.fleet)/\(gateway.name)"
    let key =
      plane.signingKeyFile.map { "enrol it again with the public half of \($0): thrum-plane enroll \(name) --public FILE" }
      ?? "if the plane has enrolled \(name), set signing_key_file of [plane] to its key"
    return .warning(
      "plane.link",
      "\(plane.connection.url): a plane is online and is silent to the hello of \(name): it knows another key of it, or does not get the hello",
      remedy:
        "nothing is lost: events wait here; \(key); the plane's log says why, and thrum-plane acl what its broker must let pass")
  }

  private static func backlog(_ report: StatusReport, _ now: UnixTime) -> Finding {
    let oldest = report.store.oldestUnsentAt.flatMap { UnixTime(rfc3339: $0) }.map { now.seconds(since: $0) } ?? 0
    let words = "\(report.store.unsentEvents) events unsent" + (oldest > 0 ? ", the oldest for \(span(seconds: oldest))" : "")
    guard oldest > 86_400 else { return .ok("plane.backlog", words) }
    return .warning("plane.backlog", words, remedy: "mend the link, or raise plane.budget_bytes_per_day; alarms go first")
  }

  private static func budget(_ report: StatusReport) -> Finding {
    guard let budget = report.uplink.budgetBytesPerDay else { return .ok("plane.budget", "no limit of bytes a day") }
    let words = "\(report.uplink.bytesToday) of \(budget) bytes sent today"
    return report.uplink.bytesToday < budget
      ? .ok("plane.budget", words)
      : .warning("plane.budget", words + ": only alarms go until midnight UTC", remedy: "raise plane.budget_bytes_per_day")
  }
}
