import Glibc

/// One client of one broker: connects and connects again, subscribes, reads in batches, and acknowledges when told to.
///
/// Synchronous, on `poll`: to be used from one thread of its own, hence unchecked. Only `wake()` may be called from any thread.
package final class MQTTSession: @unchecked Sendable {
  package private(set) var connection = ConnectionState()

  private let endpoint: MQTTEndpoint
  private let options: Options
  private let wakeUp = WakeUp()
  private var link = Link.down(until: 0)
  private var version: VersionChoice
  private var backoff = Backoff()
  private var pace: Pace
  private var random = SystemRandomNumberGenerator()
  /// Notices of what happened outside `read`.
  private var waiting: [SessionNotice] = []
  private var batches = 0
  private var connections = 0

  private enum Link {
    case down(until: Double)
    case opening(ConnectAttempt, MosquittoHandle)
    case open(Open)
  }

  private struct Open {
    let handle: MosquittoHandle
    let since = monotonicSeconds()
    var isGreeted = false
    var keepaliveSeconds: Int
    var subscriptions: [Int32: String] = [:]
    var publishes: Set<Int32> = []
    /// When the oldest unacknowledged frame was read.
    var oldestRead: Double?
  }

  package init(_ endpoint: MQTTEndpoint, _ options: Options) {
    self.endpoint = endpoint
    self.options = options
    version = VersionChoice(endpoint.protocolVersion)
    pace = Pace(commitsPerSecond: options.commitsPerSecond)
  }

  // MARK: reading

  /// Waits for frames and returns what has come, at the first of: batch full, its bytes reached, its linger over, something to tell,
  /// `wake()`, time over. Connects when that is due; never fails, `connection` says how it is.
  package func read(waitSeconds: Double) -> Batch {
    precondition(handle?.unacknowledged ?? 0 == 0, "the batch before is neither acknowledged nor abandoned")
    let deadline = monotonicSeconds() + waitSeconds
    var batch = Batch()
    var lastArrival = 0.0
    while true {
      let before = batch.messages.count
      turn(&batch)
      let now = monotonicSeconds()
      if batch.messages.count > before { lastArrival = now }
      let due =
        batch.messages.isEmpty ? deadline : min(deadline, pace.due(frames: batch.messages.count, lastArrival: lastArrival))
      if isFull(batch) || !batch.notices.isEmpty || now >= due || poll(until: due) { return handOver(batch) }
    }
  }

  /// Lets the PUBACKs of `batch` leave: what it held is committed. Does nothing when its connection is gone.
  /// - Parameter reports: leave with them, QoS 0; only thrum-bench has any.
  package func acknowledge(_ batch: Batch, reporting reports: [(topic: String, payload: [UInt8])] = []) {
    guard batch.connection == connections, batch.number == batches, case .open(var open) = link else { return }
    for report in reports { _ = try? open.handle.publish(report.payload, to: report.topic, qos: 0, retain: false) }
    open.handle.settle()
    open.oldestRead = nil
    link = .open(open)
    open.handle.write()
  }

  /// Makes `read` return soon, from any thread.
  package func wake() { wakeUp.request() }

  /// The commit of what was read has taken half the keepalive: before the broker loses patience, `abandon()`.
  package var mustAbandon: Bool {
    guard case .open(let open) = link, let oldest = open.oldestRead else { return false }
    return monotonicSeconds() - oldest > Double(open.keepaliveSeconds) / 2
  }

  /// Drops the connection without another byte: nothing unacknowledged is acknowledged, the broker will send it again.
  package func abandon() {
    guard case .open = link else { return }
    down(because: "given up before the commit of what was read")
  }

  /// Leaves the broker in good order, within a second; what it holds for a plant session it keeps.
  package func disconnect() {
    if let handle {
      handle.sayGoodbye()
      flush(handle)
    }
    link = .down(until: 0)
    connection = ConnectionState(isConnected: false, reason: "disconnected")
  }

  // MARK: publishing

  /// Sends a message; plane sessions only. Returns before the broker has answered; at most `maxInFlight` answers may be due.
  package func publish(topic: String, payload: [UInt8], qos: Int = 1, retain: Bool = false) throws(MQTTError) {
    precondition(options.kind == .plane, "a write on a plant session would acknowledge frames")
    guard case .open(var open) = link, open.isGreeted else {
      throw MQTTError("publish to", topic, reason: "not connected to \(endpoint)")
    }
    guard open.publishes.count < options.maxInFlight else {
      throw MQTTError("publish to", topic, reason: "\(open.publishes.count) messages have no answer yet", remedy: "read first")
    }
    let id = try open.handle.publish(payload, to: topic, qos: qos, retain: retain)
    if qos > 0 { open.publishes.insert(id) }
    link = .open(open)
    open.handle.write()
  }

  /// QoS 1 publishes that the broker has not answered.
  package var inFlight: Int {
    if case .open(let open) = link { open.publishes.count } else { 0 }
  }
}

// MARK: - one turn

extension MQTTSession {
  /// Moves the link on as far as it goes without waiting.
  private func turn(_ batch: inout Batch) {
    switch link {
    case .down(let until): if monotonicSeconds() >= until { connect() }
    case .opening(let attempt, let handle): take(attempt.outcome, of: handle)
    case .open(let open): attend(to: open, &batch)
    }
    batch.notices += waiting
    waiting = []
  }

  private func connect() {
    do throws(MQTTError) {
      let handle = try MosquittoHandle(endpoint, options, version.next)
      connections += 1
      link = .opening(ConnectAttempt(handle, waking: wakeUp), handle)
    } catch {
      down(because: "\(error)")
    }
  }

  private func take(_ outcome: ConnectAttempt.Outcome?, of handle: MosquittoHandle) {
    switch outcome {
    case nil: return
    case .failed(let reason): down(because: reason)
    case .opened:
      link = .open(Open(handle: handle, keepaliveSeconds: endpoint.keepaliveSeconds))
      handle.write()
    }
  }

  private func attend(to current: Open, _ batch: inout Batch) {
    var open = current
    let handle = open.handle
    while !isFull(batch, with: handle.inbox), handle.read() {}
    if let greeting = handle.inbox.greeting, !open.isGreeted { greet(greeting, &open) }
    heed(&open)
    batch.messages += handle.inbox.take()
    if handle.unacknowledged == 0 {
      handle.keepAlive()
      if handle.isOpen, handle.wantsWrite { handle.write() }
    } else if open.oldestRead == nil {
      open.oldestRead = monotonicSeconds()
    }
    link = .open(open)
    if !open.isGreeted, monotonicSeconds() - open.since > Self.greetingSeconds { handle.inbox.end = "no answer to CONNECT" }
    if !handle.isOpen { down(because: handle.inbox.end ?? "the broker closed the connection") }
  }
  /// From the open socket to the broker's greeting, the TLS handshake included.
  private static let greetingSeconds = 15.0

  private func greet(_ greeting: Inbox.Greeting, _ open: inout Open) {
    guard greeting.code == 0 else {
      if Self.versionRefusals.contains(greeting.code) { version.wasRefused() }
      open.handle.inbox.end = "the broker refused the connection: \(open.handle.words(forAnswer: greeting.code))"
      return
    }
    version.worked()
    open.isGreeted = true
    open.keepaliveSeconds = greeting.keepaliveSeconds ?? endpoint.keepaliveSeconds
    connection = ConnectionState(isConnected: true, reason: nil, protocolVersion: version.next)
    waiting.append(.connected(sessionPresent: greeting.sessionPresent))
    for subscription in options.subscriptions {
      if let id = open.handle.subscribe(to: subscription) { open.subscriptions[id] = subscription.topic }
    }
  }
  /// Unacceptable protocol version: 3.1.1's code, MQTT 5's code.
  private static let versionRefusals = [0x01, 0x84]

  private func heed(_ open: inout Open) {
    for answer in open.handle.inbox.subscriptionAnswers {
      guard let topic = open.subscriptions.removeValue(forKey: answer.id) else { continue }
      for code in answer.codes where code >= 0x80 { refused(topic, code) }
    }
    for answer in open.handle.inbox.publishAnswers where open.publishes.remove(answer.id) != nil && answer.code >= 0x80 {
      connection.reason = "the broker refused a message of ours: \(open.handle.words(forAnswer: answer.code))"
    }
    open.handle.inbox.subscriptionAnswers = []
    open.handle.inbox.publishAnswers = []
  }

  private func refused(_ topic: String, _ code: Int) {
    waiting.append(.subscriptionRefused(topic: topic, code: code))
    connection.refusedSubscriptions.append(topic)
    connection.reason = "the broker refused the subscription to \(connection.refusedSubscriptions.joined(separator: ", "))"
  }

  /// Drops the handle, which sends nothing, and plans the next attempt.
  private func down(because reason: String) {
    if case .open(let open) = link {
      if open.isGreeted { waiting.append(.disconnected(reason: reason)) }
      if !open.isGreeted, open.handle.inbox.greeting == nil { version.wasRefused() }
      if open.isGreeted, monotonicSeconds() - open.since > Self.steadySeconds { backoff.reset() }
    }
    connection = ConnectionState(isConnected: false, reason: "\(endpoint): \(reason)")
    link = .down(until: monotonicSeconds() + backoff.next(using: &random))
  }
  /// A connection that lasted this long was a good one.
  private static let steadySeconds = 10.0
}

// MARK: - waiting

extension MQTTSession {
  private var handle: MosquittoHandle? {
    if case .open(let open) = link { open.handle } else { nil }
  }

  private func isFull(_ batch: Batch, with inbox: Inbox = Inbox()) -> Bool {
    let frames = connection.protocolVersion == .v311 ? min(options.batchFrames, Self.window311) : options.batchFrames
    let bytes = inbox.messageBytes + batch.messages.reduce(0) { $0 + $1.payload.count }
    return batch.messages.count + inbox.messages.count >= frames || bytes >= options.batchBytes
  }
  /// With MQTT 3.1.1 the client cannot widen the broker's window, mostly 20 messages: waiting for more would stall both.
  private static let window311 = 16

  private func handOver(_ batch: Batch) -> Batch {
    batches += 1
    var batch = batch
    batch.connection = connections
    batch.number = batches
    if !batch.messages.isEmpty { pace.handedOver(at: monotonicSeconds()) }
    return batch
  }

  /// Sleeps until something can be read or written, `wake()`, or `time`, for a second at most.
  /// - Returns: whether `wake()` was called.
  private func poll(until time: Double) -> Bool {
    var sockets = [pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)]
    if let handle { sockets.append(pollfd(fd: handle.descriptor, events: interest(in: handle), revents: 0)) }
    let milliseconds = (min(time, nextAttempt) - monotonicSeconds()) * 1000
    _ = Glibc.poll(&sockets, nfds_t(sockets.count), Int32(max(0, min(1000, milliseconds.rounded(.up)))))
    if let handle, let happened = sockets.last?.revents, happened & Int16(POLLERR) != 0, handle.inbox.greeting == nil {
      handle.inbox.end = "the broker closed the connection"
    }
    return wakeUp.take()
  }

  /// POLLOUT only while nothing is unacknowledged, and not during a TLS handshake, which libmosquitto drives by reading.
  private func interest(in handle: MosquittoHandle) -> Int16 {
    let mayWrite = handle.unacknowledged == 0 && handle.wantsWrite && (!endpoint.isEncrypted || handle.inbox.greeting != nil)
    return Int16(POLLIN) | (mayWrite ? Int16(POLLOUT) : 0)
  }

  private var nextAttempt: Double {
    if case .down(let until) = link { until } else { .infinity }
  }

  private func flush(_ handle: MosquittoHandle) {
    let deadline = monotonicSeconds() + 1
    handle.write()
    while handle.isOpen, handle.wantsWrite, monotonicSeconds() < deadline {
      var socket = pollfd(fd: handle.descriptor, events: Int16(POLLOUT), revents: 0)
      _ = Glibc.poll(&socket, 1, 100)
      handle.write()
    }
  }
}
