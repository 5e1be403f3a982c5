import Anomaly
import Configuration
import Contracts
import Logging
import MQTT
import Signal
import Store
import Synchronization

/// Keeps the alarms' state on topics of the plant's broker, retained, by a session of its own: whoever subscribes, a lamp or a SCADA,
/// sees how things stand without the plane. State, not stories: told anew at each connection, so nothing needs to be remembered.
final class TopicBoard: BlockingWork {
  private let name: String
  private let topic: String
  private let priority: Alarm.Priority
  private let origin: (fleet: String, gateway: String)
  private let reader: StoreReader
  private let session: MQTTSession
  private let told: NotifyHealth
  private let stopping = StopFlag()
  private let isNews = Atomic<Bool>(true)

  init(
    _ settings: ThrumConfig.Notify, topic: String, _ endpoint: MQTTEndpoint, fleet: String, gateway: String, reader: StoreReader,
    health: NotifyHealth
  ) {
    (name, self.topic, priority) = (settings.name, topic, settings.priority)
    (origin, self.reader, told) = ((fleet, gateway), reader, health)
    var options = MQTTSession.Options(clientID: "thrum-\(fleet)-\(gateway)-notify-\(settings.name)", kind: .plane)
    let offline = JSON.encode(Presence(fleet: fleet, gateway: gateway, online: false))
    options.will = .init(topic: Self.presenceTopic(topic), payload: offline)
    session = MQTTSession(endpoint, options)
  }

  func stop() {
    stopping.set()
    session.wake()
  }

  func wake() {
    isNews.store(true, ordering: .relaxed)
    session.wake()
  }

  /// Where it stands whether the board is looked after at all: beside the topic, or in place of the machine.
  private static func presenceTopic(_ topic: String) -> String {
    topic.contains("{machine}") ? topic.replacing("{machine}", with: "_gateway") : topic + "/_gateway"
  }

  struct Presence: Encodable {
    let fleet: String
    let gateway: String
    let online: Bool
  }

  /// Of one machine.
  struct MachineState: Encodable {
    let fleet: String
    let gateway: String
    let machine: String
    /// Somebody should look: it stands and nobody has put it aside.
    let sounding: Bool
    @OrNull var alarm: Notice.AlarmState?
  }

  /// Of the whole gateway, where the topic names no machine.
  struct Summary: Encodable {
    let fleet: String
    let gateway: String
    @OrNull var worst: Alarm.Priority?
    let standing: Int
    let unacknowledged: Int
    /// The first 32 of them.
    let machines: [String]
  }

  func run() {
    var shown: [String: [UInt8]] = [:]
    while !stopping.isSet {
      let batch = session.read(waitSeconds: 1)
      if batch.notices.contains(where: { if case .connected = $0 { true } else { false } }) {
        shown = [:]
        isNews.store(true, ordering: .relaxed)
      }
      let connection = session.connection
      if connection.isConnected { told.fine(name) } else { told.trouble(name, connection.reason ?? "not connected") }
      guard connection.isConnected, session.inFlight == 0, isNews.exchange(false, ordering: .relaxed) else { continue }
      if !show(&shown) { isNews.store(true, ordering: .relaxed) }
    }
    leave()
  }

  /// Publishes what is not shown yet.
  /// - Returns: whether that was all.
  private func show(_ shown: inout [String: [UInt8]]) -> Bool {
    do {
      var wanted = try boards()
      wanted[Self.presenceTopic(topic)] = JSON.encode(Presence(fleet: origin.fleet, gateway: origin.gateway, online: true))
      let news = wanted.filter { shown[$0.key] != $0.value }
      for (topic, payload) in news.prefix(Self.mostInFlight) {
        try session.publish(topic: topic, payload: payload, retain: true)
        shown[topic] = payload
      }
      return news.count <= Self.mostInFlight
    } catch {
      told.trouble(name, "\(error)")
      return false
    }
  }

  private static let mostInFlight = 16

  private func boards() throws(StoreError) -> [String: [UInt8]] {
    let alarms = try reader.newestAlarmOfEachMachine().filter { $0.priority >= priority }
    guard topic.contains("{machine}") else { return [topic: JSON.encode(summary(alarms))] }
    var boards: [String: [UInt8]] = [:]
    for alarm in alarms {
      let state = MachineState(
        fleet: origin.fleet, gateway: origin.gateway, machine: alarm.machine, sounding: alarm.isSoundingForPeople,
        alarm: alarm.isOpen ? Notice.AlarmState(alarm) : nil)
      boards[topic.replacing("{machine}", with: alarm.machine)] = JSON.encode(state)
    }
    return boards
  }

  private func summary(_ alarms: [Alarm]) -> Summary {
    let sounding = alarms.filter(\.isSoundingForPeople)
    return Summary(
      fleet: origin.fleet, gateway: origin.gateway, worst: sounding.map(\.priority).max(), standing: sounding.count,
      unacknowledged: sounding.count { $0.state == .unacknowledged }, machines: sounding.prefix(32).map(\.machine))
  }

  /// The last word, and a second for it to arrive; the will says the same of who vanishes.
  private func leave() {
    let offline = JSON.encode(Presence(fleet: origin.fleet, gateway: origin.gateway, online: false))
    try? session.publish(topic: Self.presenceTopic(topic), payload: offline, retain: true)
    let end = MonotonicClock.preciseSeconds() + 1
    while session.connection.isConnected, session.inFlight > 0, MonotonicClock.preciseSeconds() < end {
      _ = session.read(waitSeconds: 0.05)
    }
    session.disconnect()
  }
}

extension Alarm {
  fileprivate var isSoundingForPeople: Bool { state == .unacknowledged || state == .acknowledged }
}
