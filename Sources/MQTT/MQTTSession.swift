import Glibc

/// One client of one broker: connects and connects again, subscribes, reads in batches, and acknowledges when told to.
///
/// Synchronous, on `poll`: to be used from one thread of its own, hence unchecked. Only `wake()` may be called from any thread.
package final class MQTTSession: @unchecked Sendable {
  private let endpoint: MQTTEndpoint
  private let options: Options
  private let wakeUp = WakeUp()
  private var link = Link.down(until: 0, ConnectionState())
  private var version: VersionChoice
  private var backoff = Backoff()
  private var pace: Pace
  private var random = SystemRandomNumberGenerator()
  private var notices: [SessionNotice] = []
  private var connections = 0
  private var batches = 0
  private var files: CredentialFiles

  private enum Link {
    case down(until: Double, ConnectionState)
    case opening(ConnectAttempt, MosquittoHandle, ConnectionState)
    case open(Connection)
  }

  package init(_ endpoint: MQTTEndpoint, _ options: Options) {
    self.endpoint = endpoint
    self.options = options
    files = CredentialFiles(endpoint)
    version = VersionChoice(endpoint.protocolVersion)
    pace = Pace(lingerSeconds: options.lingerSeconds)
  }

  // MARK: the loop: read, (commit,) acknowledge

  /// Waits for frames and returns what has come, at the first of: batch full, its bytes reached, its linger over, something to tell,
  /// `wake()`, time over. Connects when that is due; never fails, `connection` says how it is.
  package func read(waitSeconds: Double) -> Batch {
    precondition(current?.handle.unacknowledged ?? 0 == 0, "the batch before is neither acknowledged nor abandoned")
    renewIfReplaced()
    let deadline = monotonicSeconds() + waitSeconds
    var batch = Batch()
    var lastArrival = 0.0
    while true {
      let before = batch.messages.count
      turn(&batch)
      let now = monotonicSeconds()
      if batch.messages.count > before { lastArrival = now }
      let linger = batch.messages.isEmpty ? deadline : pace.due(frames: batch.messages.count, lastArrival: lastArrival)
      let isReady = current?.isFull(batch) == true || !batch.notices.isEmpty || now >= min(linger, deadline)
      if isReady || sleep(until: min(linger, deadline)) { return handOver(batch) }
    }
  }

  /// Lets the PUBACKs of `batch` leave: what it held is committed. Does nothing when its connection is gone.
  /// - Parameter reports: leave with them, QoS 0; only thrum-bench has any.
  package func acknowledge(_ batch: Batch, reporting reports: [(topic: String, payload: [UInt8])] = []) {
    guard batch.connection == connections, batch.number == batches, let current, current.end == nil else { return }
    current.acknowledge(reporting: reports)
  }

  /// Makes `read` return soon, from any thread.
  package func wake() { wakeUp.request() }

  /// The commit of what was read has taken half the keepalive: `abandon()` before the broker loses patience.
  package var mustAbandon: Bool { current?.isOverdue ?? false }

  /// Drops the connection without another byte: nothing unacknowledged is acknowledged, the broker will send it again.
  package func abandon() {
    if current != nil { goDown(because: "given up before the commit of what was read") }
  }

  /// Leaves the broker in good order, within a second; what it holds for a plant session it keeps.
  package func disconnect() {
    if let current, current.end == nil { current.close() }
    link = .down(until: 0, ConnectionState(reason: "disconnected"))
  }

  // MARK: the rest

  package var connection: ConnectionState {
    switch link {
    case .down(_, let state), .opening(_, _, let state): state
    case .open(let connection): connection.state
    }
  }

  /// Sends a message; plane sessions only. Returns before the broker has answered; at most `maxInFlight` answers may be due.
  package func publish(topic: String, payload: [UInt8], qos: Int = 1, retain: Bool = false) throws(MQTTError) {
    precondition(options.kind == .plane, "a write on a plant session would acknowledge frames")
    guard let current else { throw MQTTError("publish to", topic, reason: "not connected to \(endpoint)") }
    try current.publish(payload, to: topic, qos: qos, retain: retain)
  }

  /// QoS 1 publishes that the broker has not answered.
  package var inFlight: Int { current?.inFlight ?? 0 }

  private var current: Connection? {
    if case .open(let connection) = link { connection } else { nil }
  }
}

// MARK: - the link

extension MQTTSession {
  /// Moves the link on as far as it goes without waiting.
  private func turn(_ batch: inout Batch) {
    switch link {
    case .down(let until, let state): if monotonicSeconds() >= until { connect(from: state) }
    case .opening(let attempt, let handle, _): if let outcome = attempt.outcome { settle(outcome, handle) }
    case .open(let connection): turn(connection, &batch)
    }
    batch.notices += notices
    notices = []
  }

  private func turn(_ connection: Connection, _ batch: inout Batch) {
    let wasConnected = connection.state.isConnected
    connection.turn(&batch)
    if connection.state.isConnected, !wasConnected { version.worked() }
    notices += connection.notices
    connection.notices = []
    if let end = connection.end { goDown(because: end) }
  }

  /// Certificates that were replaced are used by a new connection; a plant session goes on in it.
  private func renewIfReplaced() {
    guard let current, current.state.isConnected, files.areReplaced(at: monotonicSeconds()) else { return }
    current.close()
    notices.append(.disconnected(reason: Self.replacedReason))
    link = .down(until: 0, ConnectionState(reason: Self.replacedReason))
  }
  private static let replacedReason = "the certificate files were replaced"

  private func connect(from state: ConnectionState) {
    files.reading()
    do throws(MQTTError) {
      let handle = try MosquittoHandle(endpoint, options, version.next)
      connections += 1
      link = .opening(ConnectAttempt(handle, waking: wakeUp), handle, state)
    } catch {
      goDown(because: "\(error)")
    }
  }

  private func settle(_ outcome: ConnectAttempt.Outcome, _ handle: MosquittoHandle) {
    switch outcome {
    case .opened: link = .open(Connection(handle, endpoint, options, version.next))
    case .failed(let reason): goDown(because: reason)
    }
  }

  /// Drops the handle, which sends nothing, and plans the next attempt.
  private func goDown(because reason: String) {
    if let current {
      if current.state.isConnected { notices.append(.disconnected(reason: reason)) }
      if current.leavesVersionInDoubt { version.wasRefused() }
      if current.state.isConnected, current.ageSeconds > Self.steadySeconds { backoff.reset() }
    }
    link = .down(until: monotonicSeconds() + backoff.next(using: &random), ConnectionState(reason: "\(endpoint): \(reason)"))
  }
  /// A connection that lasted this long was a good one.
  private static let steadySeconds = 10.0

  private func handOver(_ batch: Batch) -> Batch {
    batches += 1
    if !batch.messages.isEmpty { pace.handedOver(at: monotonicSeconds()) }
    var batch = batch
    batch.connection = connections
    batch.number = batches
    return batch
  }

  /// Sleeps until something can be read or written, `wake()`, or `time`, for a second at most.
  /// - Returns: whether `wake()` was called.
  private func sleep(until time: Double) -> Bool {
    var sockets = [pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)]
    if let current { sockets.append(current.interest) }
    var until = time
    if case .down(let nextAttempt, _) = link { until = min(until, nextAttempt) }
    let milliseconds = ((until - monotonicSeconds()) * 1000).rounded(.up)
    _ = poll(&sockets, nfds_t(sockets.count), Int32(max(0, min(1000, milliseconds))))
    if let current { current.polled(sockets[1]) }
    return wakeUp.take()
  }
}
