import Configuration
import Contracts
import Glibc
import MQTT
import Signal
import Terminal

/// Whether the plant's broker answers, what it has dropped, and how long it bridges an outage of this gateway.
enum BrokerCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let config = try? patient.config.get() else { return [] }
    let report = try? patient.report.get()
    return [answer(of: config.broker)] + bridging(config.broker, framesPerSecond: report.flatMap(rate))
  }

  // MARK: does it answer?

  /// A look with a session of its own: the daemon's is not disturbed.
  private static func answer(of broker: Connection) -> Finding {
    do {
      let endpoint = try MQTTEndpoint(
        url: "\(broker.url)", username: broker.username, password: try broker.password(), caFile: broker.caFile,
        certFile: broker.certFile, keyFile: broker.keyFile, allowPlain: broker.allowPlain)
      let session = MQTTSession(
        endpoint, .init(clientID: "thrum-doctor-\(getpid())", kind: .plane, subscriptions: [.init(dropped, qos: 0)]))
      defer { session.disconnect() }
      var lost: String?
      for _ in 0..<5 where lost == nil {
        lost = session.read(waitSeconds: 0.6).messages.first { $0.topic == dropped }.map {
          String(decoding: $0.payload, as: UTF8.self)
        }
      }
      return finding(broker, session.connection, dropped: lost.flatMap { Int($0) })
    } catch {
      return .error("broker", "\(error)", remedy: "mend [broker] in the configuration")
    }
  }

  private static func finding(_ broker: Connection, _ connection: ConnectionState, dropped: Int?) -> Finding {
    guard connection.isConnected else {
      let reason = connection.reason ?? "no answer"
      return .error("broker", reason, remedy: "check that it runs, its address, user and certificate; thrumd keeps trying")
    }
    if let dropped, dropped > 0 {
      let words = "\(broker.url): answers, but has dropped \(dropped) messages since its start"
      return .warning("broker", words, remedy: "raise max_queued_messages and max_queued_bytes (docs/OPERATIONS.md, The broker)")
    }
    return .ok("broker", "\(broker.url): answers")
  }

  /// mosquitto's own count of messages dropped for want of room.
  private static let dropped = "$SYS/broker/publish/messages/dropped"

  // MARK: how long does it bridge?

  /// From the first frame to the last, over all points.
  private static func rate(_ report: StatusReport) -> Double? {
    guard let uptime = report.uptimeS, uptime > 10 else { return nil }
    return Double(report.points.reduce(0) { $0 + $1.ledger.received }) / Double(uptime)
  }

  private static func bridging(_ broker: Connection, framesPerSecond: Double?) -> [Finding] {
    guard broker.url.isLoopback, let limits = MosquittoLimits.ofThisMachine(port: broker.url.port) else { return [] }
    var findings: [Finding] = []
    let held = limits.maxQueuedMessages == 0 ? "without a limit" : "\(limits.maxQueuedMessages) messages"
    if let rate = framesPerSecond, rate > 0, limits.maxQueuedMessages > 0 {
      let seconds = Double(limits.maxQueuedMessages) / rate
      let words = "\(limits.file): holds \(held), \(span(seconds: seconds)) at the present \(number(rate, 1)) frames/s"
      findings.append(
        seconds < 3600
          ? .warning("broker", words, remedy: "max_queued_messages 100000 and max_queued_bytes 1073741824 bridge longer")
          : .ok("broker", words))
    } else {
      findings.append(.ok("broker", "\(limits.file): holds \(held) while thrumd is away"))
    }
    if !limits.isPersistent {
      let remedy = "persistence true, autosave_interval 1, autosave_on_changes true"
      findings.append(.warning("broker", "\(limits.file): what it holds is lost when it restarts", remedy: remedy))
    }
    return findings
  }
}
