import Configuration
import Contracts
import Signal
import Terminal

/// Whether the plant's broker answers, what it has dropped, and how long it bridges an outage of this gateway.
enum BrokerCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let config = try? patient.config.get() else { return [] }
    let report = try? patient.report.get()
    return [
      answer(config.broker, patient.broker), patient.broker.flatMap { dropped(config.broker, $0) }, encryption(config.broker),
    ]
    .compactMap { $0 }
      + bridging(config.broker, patient.system, framesPerSecond: report.flatMap(rate))
  }

  private static func answer(_ broker: Connection, _ visit: BrokerVisit?) -> Finding {
    guard let visit else {
      let words = "\(broker.url): not visited, for thrumd beside this program does not run, or is of another version"
      return .warning("broker.answer", words, remedy: "install thrum and thrumd from the same package")
    }
    guard let trouble = visit.trouble else { return .ok("broker.answer", "\(broker.url): answers") }
    let remedy =
      visit.isMisconfigured
      ? "mend [broker] in the configuration"
      : "check that it runs, its address and port, user and certificate; thrumd keeps trying"
    return .error("broker.answer", trouble, remedy: remedy)
  }

  private static func dropped(_ broker: Connection, _ visit: BrokerVisit) -> Finding? {
    guard visit.trouble == nil else { return nil }
    guard let dropped = visit.dropped, dropped > 0 else { return .ok("broker.dropped", "has dropped nothing that it tells of") }
    let words = "\(broker.url): has dropped \(dropped) messages since its start"
    return .warning(
      "broker.dropped", words, remedy: "raise max_queued_messages and max_queued_bytes (docs/OPERATIONS.md, The broker)")
  }

  private static func encryption(_ broker: Connection) -> Finding {
    if broker.url.isEncrypted { return .ok("broker.encryption", "TLS") }
    if broker.url.isLoopback { return .ok("broker.encryption", "none needed: it is on this machine") }
    return .warning(
      "broker.encryption", "\(broker.url): another host, and nothing is encrypted", remedy: "an mqtts:// url and ca_file")
  }

  // MARK: how long does it bridge?

  /// From the first frame to the last, over all points.
  static func rate(_ report: StatusReport) -> Double? {
    guard let uptime = report.uptimeS, uptime > 10 else { return nil }
    return Double(report.points.reduce(0) { $0 + $1.ledger.received }) / Double(uptime)
  }

  private static func bridging(_ broker: Connection, _ system: SystemFiles, framesPerSecond: Double?) -> [Finding] {
    guard broker.url.isLoopback, let limits = MosquittoLimits.ofThisMachine(system, port: broker.url.port) else {
      return [.ok("broker.bridge", "its limits are not on this machine: let it hold an hour of messages (docs/OPERATIONS.md)")]
    }
    return [bridge(limits, framesPerSecond), persistence(limits)]
  }

  private static func bridge(_ limits: MosquittoLimits, _ framesPerSecond: Double?) -> Finding {
    let held = limits.maxQueuedMessages == 0 ? "without a limit" : "\(limits.maxQueuedMessages) messages"
    let remedy = "max_queued_messages 100000 and max_queued_bytes 1073741824 bridge longer"
    guard limits.maxQueuedMessages > 0 else { return .ok("broker.bridge", "\(limits.file): holds \(held) while thrumd is away") }
    guard let rate = framesPerSecond, rate > 0 else {
      let words = "\(limits.file): holds \(held) while thrumd is away"
      return limits.maxQueuedMessages < 10_000
        ? .warning("broker.bridge", words, remedy: remedy) : .ok("broker.bridge", words)
    }
    let seconds = Double(limits.maxQueuedMessages) / rate
    let words = "\(limits.file): holds \(held), \(span(seconds: seconds)) at the present \(number(rate, 1)) frames/s"
    return seconds < 3600 ? .warning("broker.bridge", words, remedy: remedy) : .ok("broker.bridge", words)
  }

  private static func persistence(_ limits: MosquittoLimits) -> Finding {
    guard !limits.isPersistent else { return .ok("broker.persistence", "keeps what it holds over a restart") }
    let remedy = "persistence true, autosave_interval 1, autosave_on_changes true"
    return .warning("broker.persistence", "\(limits.file): what it holds is lost when it restarts", remedy: remedy)
  }
}
