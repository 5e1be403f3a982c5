import Contracts
import Logging
import MQTT
import Signal
import Store

/// What others are told: people by the condition, the plane by the status.
extension PlaneTalk {
  /// Tells of a change at once, of mere bytes every ten seconds.
  mutating func tell() {
    var condition = Uplink.Condition(
      isConnected: conversation?.isOpen == true, reason: reason, bytesToday: told.bytesToday, day: told.day)
    let now = MonotonicClock.preciseSeconds()
    guard condition != told || (budget.bytesToday != told.bytesToday && now - toldAt >= 10) else { return }
    (condition.bytesToday, condition.day) = (budget.bytesToday, budget.day)
    (told, toldAt) = (condition, now)
    onChange(condition)
  }

  var reason: String? {
    guard let session, let conversation else { return "the store cannot be read" }
    var budget = budget
    if !session.connection.isConnected { return session.connection.reason ?? "not connected" }
    if !conversation.isPlaneOnline { return session.connection.reason ?? "no plane is online" }
    if conversation.isPlaneSilent { return StatusReport.Uplink.silent }
    if !conversation.isOpen { return StatusReport.Uplink.awaited }
    return Self.words(budget.resting(at: .now())) ?? session.connection.reason
  }

  private static func words(_ resting: Set<Lane>) -> String? {
    if resting.isEmpty { return nil }
    if resting.contains(.event) { return "the day's byte budget is used up: only alarms go" }
    let names = Lane.allCases.filter(resting.contains).map(\.rawValue).joined(separator: ", ")
    return "the day's byte budget runs short: nothing goes of \(names)"
  }

  func status(_ state: LinkState) -> [UInt8] {
    guard let numbering else { return [] }
    return GatewayStatus(
      state: state, connectedAt: connectedAt, epoch: numbering.epoch, incarnation: store.incarnation, version: settings.version
    ).encoded
  }

  func options(_ numbering: Numbering) -> MQTTSession.Options {
    let topics = settings.topics
    var options = MQTTSession.Options(
      clientID: "thrum-\(topics.fleet)-\(topics.gateway)-uplink", kind: .plane,
      subscriptions: [.init(topics.allDown), .init(PlaneTopics.planeStatus)])
    options.will = .init(topic: topics.status, payload: status(.offline))
    options.maxPayloadBytes = 65_536
    options.lingerSeconds = 0.01
    return options
  }
}
