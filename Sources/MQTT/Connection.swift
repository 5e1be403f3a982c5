import Glibc

/// One connection, from its open socket to its end: greets, subscribes, reads, acknowledges, publishes, keeps alive.
final class Connection {
  private(set) var state = ConnectionState()
  /// Told with the next batch.
  var notices: [SessionNotice] = []
  let handle: MosquittoHandle

  private let endpoint: MQTTEndpoint
  private let options: MQTTSession.Options
  private let version: ProtocolVersion
  private let openedAt = monotonicSeconds()
  private var keepaliveSeconds: Int
  private var subscriptions: [Int32: String] = [:]
  private var publishes: Set<Int32> = []
  /// When the oldest unacknowledged frame was read.
  private var oldestRead: Double?

  /// - Parameter handle: just opened; its CONNECT waits to be written.
  init(_ handle: MosquittoHandle, _ endpoint: MQTTEndpoint, _ options: MQTTSession.Options, _ version: ProtocolVersion) {
    (self.handle, self.endpoint, self.options, self.version) = (handle, endpoint, options, version)
    keepaliveSeconds = endpoint.keepaliveSeconds
    handle.write()
  }

  // MARK: one turn

  /// Reads until nothing comes or the batch is full, answers what needs no commit, and looks after the link; never waits.
  func turn(_ batch: inout Batch) {
    var more = true
    while more, !isFull(batch) {
      more = handle.read()
      batch.take(from: &handle.inbox)
      heed()
    }
    if handle.unacknowledged > 0 {
      oldestRead = oldestRead ?? monotonicSeconds()
    } else {
      handle.keepAlive()
      if handle.isOpen, handle.wantsWrite { handle.write() }
    }
    if !state.isConnected, ageSeconds > Self.greetingSeconds { handle.end(because: "no answer to CONNECT") }
  }

  /// From the open socket to the broker's greeting, the TLS handshake included.
  private static let greetingSeconds = 15.0

  func isFull(_ batch: Batch) -> Bool {
    let frames = version == .v5 ? options.batchFrames : min(options.batchFrames, Self.window311)
    return batch.messages.count >= frames || batch.payloadBytes >= options.batchBytes
  }
  /// With MQTT 3.1.1 the client cannot widen the broker's window, mostly 20 messages: waiting for more would stall both.
  private static let window311 = 16

  /// Why it is over.
  var end: String? { handle.isOpen ? nil : handle.inbox.end ?? "the broker closed the connection" }

  var ageSeconds: Double { monotonicSeconds() - openedAt }

  /// The broker refused our version, or hung up on CONNECT without an answer; TLS errors and silence say nothing about it.
  var leavesVersionInDoubt: Bool {
    if let greeting = handle.inbox.greeting { return Self.versionRefusals.contains(greeting.code) }
    return handle.inbox.problem == nil && ageSeconds < Self.greetingSeconds
  }
  /// Unacceptable protocol version: 3.1.1's code, MQTT 5's code.
  private static let versionRefusals = [0x01, 0x84]

  // MARK: acknowledging

  /// What was read is committed: its PUBACKs leave.
  func acknowledge(reporting reports: [(topic: String, payload: [UInt8])]) {
    for report in reports { _ = try? handle.publish(report.payload, to: report.topic, qos: 0, retain: false) }
    handle.settle()
    oldestRead = nil
    handle.write()
  }

  var isOverdue: Bool { oldestRead.map { monotonicSeconds() - $0 > Double(keepaliveSeconds) / 2 } ?? false }

  // MARK: publishing

  var inFlight: Int { publishes.count }

  func publish(_ payload: [UInt8], to topic: String, qos: Int, retain: Bool) throws(MQTTError) {
    guard state.isConnected else { throw MQTTError("publish to", topic, reason: "not connected to \(endpoint)") }
    guard inFlight < options.maxInFlight else {
      throw MQTTError("publish to", topic, reason: "\(inFlight) messages have no answer yet", remedy: "read first")
    }
    let id = try handle.publish(payload, to: topic, qos: qos, retain: retain)
    if qos > 0 { publishes.insert(id) }
    handle.write()
  }

  /// Takes leave, within a second.
  func close() {
    let deadline = monotonicSeconds() + 1
    handle.sayGoodbye()
    handle.write()
    while handle.isOpen, handle.wantsWrite, monotonicSeconds() < deadline {
      var socket = pollfd(fd: handle.descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&socket, 1, 100)
      handle.write()
    }
  }

  // MARK: waiting

  /// POLLOUT only while nothing is unacknowledged, and not during a TLS handshake, which libmosquitto drives by reading.
  var interest: pollfd {
    let mayWrite = handle.unacknowledged == 0 && handle.wantsWrite && (!endpoint.isEncrypted || state.isConnected)
    return pollfd(fd: handle.descriptor, events: Int16(POLLIN) | (mayWrite ? Int16(POLLOUT) : 0), revents: 0)
  }

  /// libmosquitto takes a reset during the TLS handshake for one that goes on.
  func polled(_ result: pollfd) {
    guard result.revents & Int16(POLLERR) != 0, !state.isConnected else { return }
    _ = handle.read()
    handle.end(
      because: endpoint.isEncrypted
        ? "TLS: the handshake was broken off; \(TLSCause.plainPort.words)" : "the broker closed the connection")
  }
}

// MARK: - what the broker answered

extension Connection {
  private func heed() {
    if let greeting = handle.inbox.greeting, !state.isConnected { greeted(greeting) }
    for answer in handle.inbox.takeSubscriptionAnswers() {
      guard let topic = subscriptions.removeValue(forKey: answer.id) else { continue }
      for code in answer.codes where code >= 0x80 { refused(topic, code) }
    }
    for answer in handle.inbox.takePublishAnswers() where publishes.remove(answer.id) != nil && answer.code >= 0x80 {
      state.reason = "the broker refused a message of ours: \(handle.words(forAnswer: answer.code))"
    }
  }

  private func greeted(_ greeting: Inbox.Greeting) {
    guard greeting.code == 0 else {
      let remedy = Self.credentialRefusals.contains(greeting.code) ? "; check user name and password" : ""
      handle.inbox.end = "the broker refused the connection: \(handle.words(forAnswer: greeting.code))\(remedy)"
      return
    }
    keepaliveSeconds = greeting.keepaliveSeconds ?? endpoint.keepaliveSeconds
    state = ConnectionState(isConnected: true, reason: nil, protocolVersion: version)
    notices.append(.connected(sessionPresent: greeting.sessionPresent))
    for subscription in options.subscriptions {
      if let id = handle.subscribe(to: subscription) {
        subscriptions[id] = subscription.topic
      } else {
        refused(subscription.topic, Self.invalidFilter)
      }
    }
  }
  /// MQTT 5's code for it.
  private static let invalidFilter = 0x8F
  /// Bad user name or password, not authorised: 3.1.1's codes, MQTT 5's codes.
  private static let credentialRefusals = [0x04, 0x05, 0x86, 0x87]

  private func refused(_ topic: String, _ code: Int) {
    notices.append(.subscriptionRefused(topic: topic, code: code))
    state.refusedSubscriptions.append(topic)
    state.reason = "the broker refused the subscription to \(state.refusedSubscriptions.joined(separator: ", "))"
  }
}
