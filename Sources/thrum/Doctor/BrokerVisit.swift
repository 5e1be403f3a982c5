import Configuration
import Contracts
import Glibc
import MQTT

/// A look at the plant's broker with a session of its own: the daemon's is not disturbed.
struct BrokerVisit {
  /// Why there is no talking to it; `nil`: it answers.
  private(set) var trouble: String?
  /// The configuration is at fault, not the broker.
  private(set) var isMisconfigured = false
  /// mosquitto's own count of messages dropped for want of room, since its start.
  private(set) var dropped: Int?
  /// What is published there, as far as was listened; empty where every source has been heard already.
  private(set) var topics: Set<String> = []
  private(set) var hasListened = false

  /// - Parameter heard: points that have sent something before.
  init(_ config: ThrumConfig, heard: [StatusReport.Point]) {
    let silent = config.sources.contains { !$0.wasHeard(heard) }
    do { try look(config.broker, listening: silent) } catch { (trouble, isMisconfigured) = ("\(error)", true) }
  }

  private mutating func look(_ broker: Connection, listening: Bool) throws {
    let endpoint = try MQTTEndpoint(
      url: "\(broker.url)", username: broker.username, password: try broker.password(), caFile: broker.caFile,
      certFile: broker.certFile, keyFile: broker.keyFile, allowPlain: broker.allowPlain)
    let wanted = [Self.droppedTopic] + (listening ? ["#"] : [])
    let session = MQTTSession(
      endpoint, .init(clientID: "thrum-doctor-\(getpid())", kind: .plane, subscriptions: wanted.map { .init($0, qos: 0) }))
    defer { session.disconnect() }
    for _ in 0..<(listening ? 8 : 4) where topics.count < Self.mostTopics {
      for message in session.read(waitSeconds: 0.4).messages { note(message) }
      if session.isRefused { break }
      if !listening, dropped != nil { break }
    }
    trouble = session.connection.isConnected ? nil : session.connection.reason ?? "no answer"
    hasListened = listening && trouble == nil
  }

  private mutating func note(_ message: Message) {
    if message.topic == Self.droppedTopic {
      dropped = Int(String(decoding: message.payload, as: UTF8.self))
    } else if !message.topic.hasPrefix("thrum/v1/") {
      topics.insert(message.topic)
    }
  }

  private static let droppedTopic = "$SYS/broker/publish/messages/dropped"
  private static let mostTopics = 200
}

extension ThrumConfig.Source {
  /// Whether a point can be this source's, by its name.
  func wasHeard(_ points: [StatusReport.Point]) -> Bool {
    points.contains { (machine == nil || machine == $0.machine) && (point == nil || $0.point.hasPrefix(point ?? "")) }
  }

  /// Whether a topic is read by it.
  func reads(_ topic: String) -> Bool {
    let wanted = self.topic.split(separator: "/", omittingEmptySubsequences: false)
    let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
    if wanted.last == "#", levels.count >= wanted.count - 1 {
      return zip(wanted.dropLast(), levels).allSatisfy(Self.isLevel)
    }
    return wanted.count == levels.count && zip(wanted, levels).allSatisfy(Self.isLevel)
  }

  private static func isLevel(_ wanted: Substring, _ level: Substring) -> Bool {
    wanted == level || wanted == "+" || wanted.hasPrefix("{")
  }
}

extension MQTTSession {
  /// Nobody listens there, or it wants nothing of us: asking again in the same breath changes nothing.
  fileprivate var isRefused: Bool { !connection.isConnected && connection.reason?.lowercased().contains("refused") == true }
}
