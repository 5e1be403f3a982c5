import Contracts
import Logging
import MQTT
import Signal
import Synchronization

/// The plane at work: hears gateways, commits, answers. One thread, its own connection; `run` blocks until `stop`.
package final class PlaneServer: Sendable {
  private let endpoint: MQTTEndpoint
  private let clientID: String
  private let path: String
  private let repository: PlaneRepository?
  private let log: Logger
  private let clock: @Sendable () -> UnixTime
  private let stopping = Atomic<Bool>(false)
  private let session = Mutex<MQTTSession?>(nil)

  /// - Parameters:
  ///   - database: the plane's file; made when it is not there.
  ///   - repository: models for gateways, and gateways' keys.
  ///   - clientID: one plane at a time uses it.
  package init(
    endpoint: MQTTEndpoint, database: String, repository: PlaneRepository? = nil, clientID: String = "thrum-plane", log: Logger,
    clock: @escaping @Sendable () -> UnixTime
  ) {
    self.endpoint = endpoint
    self.clientID = clientID
    path = database
    self.repository = repository
    self.log = log
    self.clock = clock
  }

  /// Serves until `stop`; then says it is offline and leaves.
  package func run() throws(PlaneError) {
    let store = try PlaneStore(path: path)
    let desk = PlaneDesk(store: store, repository: repository)
    var crier = repository.map { RepositoryCrier($0, log: log) }
    var questions = QuestionCrier(Questions(database: path))
    let session = MQTTSession(endpoint, options(store))
    self.session.withLock { $0 = session }
    while !stopping.load(ordering: .acquiring) {
      let batch = session.read(waitSeconds: 1)
      for notice in batch.notices { take(notice, session, store) }
      for message in batch.messages {
        answer(message, at: desk, on: session)
        if let topic = UpTopic(message.topic), topic.kind == .hello { questions.greeted(topic.gateway) }
      }
      for id in store.takeAnswered() { questions.answered(id) }
      questions.tend(at: Double(clock().nanoseconds) / 1e9) { publish($1, on: $0, retain: false, session) }
      crier?.tend(store, at: clock()) { publish($1, on: $0, retain: true, session) }
    }
    publish(status(.offline, store), on: PlaneTopics.planeStatus, retain: true, session)
    session.disconnect()
    self.session.withLock { $0 = nil }
  }

  /// From any thread.
  package func stop() {
    stopping.store(true, ordering: .releasing)
    session.withLock { $0?.wake() }
  }

  // MARK: one message

  private func answer(_ message: Message, at desk: PlaneDesk, on session: MQTTSession) {
    guard let topic = UpTopic(message.topic) else { return }
    guard !message.isOversize else { return refused("\(message.payloadBytes) bytes", message.topic) }
    do throws(DeskError) {
      guard let reply = try desk.take(message.payload, on: topic, at: clock()) else { return }
      publish(reply.payload, on: reply.topic, retain: false, session)
    } catch {
      switch error {
      case .refused(let reason): refused("\(reason)", message.topic)
      case .failed(let reason):
        log.error("The database refused a message; its gateway sends again", metadata: ["reason": "\(reason)"])
      }
    }
  }

  private func refused(_ reason: String, _ topic: String) {
    log.warning("Refused a message", metadata: ["topic": "\(topic)", "reason": "\(reason)"])
  }

  /// A reply that cannot leave is no loss: silence makes the gateway ask again.
  private func publish(_ payload: [UInt8], on topic: String, retain: Bool, _ session: MQTTSession) {
    do { try session.publish(topic: topic, payload: payload, qos: 1, retain: retain) } catch {
      log.warning("A reply did not leave", metadata: ["topic": "\(topic)", "reason": "\(error)"])
    }
  }

  // MARK: the connection

  private func take(_ notice: SessionNotice, _ session: MQTTSession, _ store: PlaneStore) {
    switch notice {
    case .connected:
      log.info("Serving", metadata: ["broker": "\(endpoint)", "database": "\(path)"])
      publish(status(.online, store), on: PlaneTopics.planeStatus, retain: true, session)
    case .disconnected(let reason):
      log.warning("Lost the broker", metadata: ["reason": "\(reason)"])
    case .subscriptionRefused(let topic, let code):
      log.error("The broker refused a subscription", metadata: ["topic": "\(topic)", "code": "\(code)"])
    }
  }

  private func options(_ store: PlaneStore) -> MQTTSession.Options {
    var options = MQTTSession.Options(clientID: clientID, kind: .plane, subscriptions: [.init(PlaneTopics.everyUp)])
    options.will = .init(topic: PlaneTopics.planeStatus, payload: status(.offline, store))
    options.maxPayloadBytes = EventBatch.maxReceivedBytes
    options.lingerSeconds = 0.01
    // Every message of a read may have its answer.
    options.maxInFlight = 2 * options.batchFrames
    return options
  }

  private func status(_ state: LinkState, _ store: PlaneStore) -> [UInt8] {
    PlaneStatus(state: state, planeIncarnation: store.incarnation).encoded
  }
}
