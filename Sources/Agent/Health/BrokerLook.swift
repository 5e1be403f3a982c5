import Configuration
import Contracts
import Glibc
import MQTT

/// A look at the plant's broker with a session of its own: a daemon that runs is not disturbed.
package struct BrokerLook {
  private var visit = BrokerVisit()

  /// - Parameter listening: whether to listen, for some three seconds, to what is published there.
  package static func visit(_ broker: Connection, listening: Bool) -> BrokerVisit {
    var look = Self()
    do { try look.look(broker, listening: listening) } catch { return BrokerVisit(trouble: "\(error)", isMisconfigured: true) }
    return look.visit
  }

  private mutating func look(_ broker: Connection, listening: Bool) throws {
    let endpoint = try MQTTEndpoint(
      url: "\(broker.url)", username: broker.username, password: try broker.password(), caFile: broker.caFile,
      certFile: broker.certFile, keyFile: broker.keyFile, allowPlain: broker.allowPlain)
    let wanted = [Self.droppedTopic] + (listening ? ["#"] : [])
    let session = MQTTSession(
      endpoint, .init(clientID: "thrum-doctor-\(getpid())", kind: .plane, subscriptions: wanted.map { .init($0, qos: 0) }))
    defer { session.disconnect() }
    let end = ContinuousClock.now + .milliseconds(listening ? 3200 : 1600)
    repeat {
      for message in session.read(waitSeconds: 0.02).messages { note(message) }
    } while ContinuousClock.now < end && !session.isRefused && !hasHeardEnough(listening)
    visit.trouble = session.connection.isConnected ? nil : session.connection.reason ?? "no answer"
    visit.hasListened = listening && visit.trouble == nil
  }

  private func hasHeardEnough(_ listening: Bool) -> Bool {
    listening ? visit.topics.count >= Self.mostTopics : visit.dropped != nil
  }

  private mutating func note(_ message: Message) {
    if message.topic == Self.droppedTopic {
      visit.dropped = Int(String(decoding: message.payload, as: UTF8.self))
    } else if !message.topic.hasPrefix("thrum/v1/") {
      visit.topics.insert(message.topic)
    }
  }

  private static let droppedTopic = "$SYS/broker/publish/messages/dropped"
  private static let mostTopics = 200
}

extension MQTTSession {
  /// Nobody listens there, or it wants nothing of us: asking again in the same breath changes nothing.
  fileprivate var isRefused: Bool { !connection.isConnected && connection.reason?.lowercased().contains("refused") == true }
}
