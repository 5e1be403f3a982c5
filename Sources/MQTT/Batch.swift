/// What one read took from the broker: to be analysed, committed, then acknowledged.
package struct Batch: Sendable {
  /// Counts connections: an acknowledgement for an older one does nothing.
  package internal(set) var connection = 0
  /// In order of arrival.
  package internal(set) var messages: [Message] = []
  /// When each of them was read from the connection, s of the monotonic clock; as many as messages.
  package private(set) var arrivals: [Double] = []
  /// In order; those of a connection's end come after its messages.
  package internal(set) var notices: [SessionNotice] = []
  /// Counts batches: only the last one can be acknowledged.
  var number = 0
  private(set) var payloadBytes = 0

  package init() {}

  mutating func take(from inbox: inout Inbox) {
    for message in inbox.messages { payloadBytes += message.payload.count }
    arrivals += repeatElement(monotonicSeconds(), count: inbox.messages.count)
    messages += inbox.messages
    inbox.messages.removeAll(keepingCapacity: true)
  }
}

/// One PUBLISH as it arrived.
package struct Message: Sendable, Equatable {
  package var topic: String
  /// Empty when the message is oversize.
  package var payload: [UInt8]
  package var payloadBytes: Int
  /// Larger than `maxPayloadBytes`; the payload was not kept.
  package var isOversize: Bool
  /// DUP: the broker has sent it before and got no acknowledgement.
  package var isRedelivered: Bool
  /// 0 with QoS 0.
  package var messageID: UInt16
  package var qos: Int
  package var isRetained: Bool

  package init(
    topic: String, payload: [UInt8], payloadBytes: Int? = nil, isOversize: Bool = false, isRedelivered: Bool = false,
    messageID: UInt16 = 0, qos: Int = 1, isRetained: Bool = false
  ) {
    self.topic = topic
    self.payload = payload
    self.payloadBytes = payloadBytes ?? payload.count
    self.isOversize = isOversize
    self.isRedelivered = isRedelivered
    self.messageID = messageID
    self.qos = qos
    self.isRetained = isRetained
  }
}

package enum SessionNotice: Sendable, Equatable {
  /// Without a session present everything the broker held for us is gone.
  case connected(sessionPresent: Bool)
  case disconnected(reason: String)
  case subscriptionRefused(topic: String, code: Int)
}

/// How the link is now, in words.
package struct ConnectionState: Sendable, Equatable {
  package internal(set) var isConnected = false
  /// Why there is no connection, or what is wrong with the one there is.
  package internal(set) var reason: String? = "not connected yet"
  package internal(set) var refusedSubscriptions: [String] = []
  package internal(set) var protocolVersion: ProtocolVersion?
}
