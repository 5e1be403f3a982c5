extension MQTTSession {
  /// What a session is for; fixed for its life.
  package struct Options: Sendable {
    package var clientID: String
    package var kind: Kind
    package var subscriptions: [Subscription]
    /// Frames in a batch, at most; with MQTT 5 also the broker's window (Receive Maximum).
    package var batchFrames = 64
    /// Payload bytes after which a batch is handed over.
    package var batchBytes = 1 << 20
    /// A larger payload is counted, not copied.
    package var maxPayloadBytes = 1 << 20
    /// How long the broker keeps queueing for us while we are away (MQTT 5; with 3.1.1 the broker decides).
    package var sessionExpirySeconds: UInt32 = 7 * 86_400
    /// Said by the broker when we vanish.
    package var will: Will?
    /// From a batch to the next that is not full, at least.
    package var lingerSeconds = 0.1
    /// QoS 1 publishes without an answer, at most.
    package var maxInFlight = 20

    package init(clientID: String, kind: Kind, subscriptions: [Subscription] = []) {
      self.clientID = clientID
      self.kind = kind
      self.subscriptions = subscriptions
    }
  }

  package enum Kind: Sendable {
    /// Persistent; frames are acknowledged by `acknowledge(_:)` only; publishes nothing.
    case plant
    /// Clean; messages are acknowledged as they are read; may publish.
    case plane
  }

  package struct Subscription: Sendable, Equatable {
    package var topic: String
    /// 0 or 1: the answer to QoS 2 would have to leave before the commit.
    package var qos: Int

    package init(_ topic: String, qos: Int = 1) {
      precondition((0...1).contains(qos), "QoS 2 cannot be acknowledged after a commit")
      self.topic = topic
      self.qos = qos
    }
  }

  package struct Will: Sendable {
    package var topic: String
    package var payload: [UInt8]
    package var qos: Int
    package var retain: Bool

    package init(topic: String, payload: [UInt8], qos: Int = 1, retain: Bool = true) {
      self.topic = topic
      self.payload = payload
      self.qos = qos
      self.retain = retain
    }
  }
}
