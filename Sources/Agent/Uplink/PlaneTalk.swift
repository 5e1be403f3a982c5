import Contracts
import Logging
import MQTT
import Signal
import Store

/// The conversation with the plane carried out: its steps become publishes and commits, messages become its news.
struct PlaneTalk {
  private let store: Store
  private let settings: Uplink.Settings
  private let log: Logger
  private let onChange: @Sendable (Uplink.Condition) -> Void
  private var conversation: Conversation?
  private var session: MQTTSession?
  private var numbering: Numbering?
  private var budget: ByteBudget
  private var rate = LinkRate()
  /// The batch whose way there and back is being timed.
  private var timed: (lane: Lane, last: UInt64, bytes: Int, since: Double)?
  private var connectedAt = UnixTime.now()
  private var told = Uplink.Condition()
  private var toldAt = 0.0

  init(store: Store, settings: Uplink.Settings, log: Logger, onChange: @escaping @Sendable (Uplink.Condition) -> Void) {
    self.store = store
    self.settings = settings
    self.log = log
    self.onChange = onChange
    budget = ByteBudget(bytesPerDay: settings.budgetBytesPerDay, bytesToday: settings.bytesToday, at: .now())
  }

  /// Makes a session whose last will tells of the epoch in force; `nil` while the store cannot be read.
  mutating func open() -> MQTTSession? {
    look()
    guard let numbering else { return nil }
    if conversation?.epoch != numbering.epoch { conversation = Conversation(epoch: numbering.epoch) }
    conversation?.disconnected()
    connectedAt = .now()
    let session = MQTTSession(settings.endpoint, options(numbering))
    self.session = session
    return session
  }

  /// Goes on until told to stop, or until a new epoch wants a new session.
  mutating func converse(until stopping: StopFlag) {
    guard let session else { return }
    var patience = StopPatience()
    var hasNewEpoch = false
    while !hasNewEpoch, !stopping.isSet || (canFinish && patience.lasts()) {
      let batch = session.read(waitSeconds: stopping.isSet ? 0.1 : 1)
      for notice in batch.notices { take(notice) }
      for message in batch.messages { hear(message) }
      look()
      hasNewEpoch = act()
      tell()
    }
    publish(status(.offline), on: settings.topics.status, retain: true)
    session.disconnect()
    conversation?.disconnected()
    tell()
  }

  /// There is a plane that listens and something it has not got.
  private var canFinish: Bool { conversation?.isOpen == true && numbering?.unsentEvents ?? 0 > 0 }

  /// Reads where the store stands.
  private mutating func look() {
    do { numbering = try store.reader.numbering() } catch {
      log.error("The store cannot be read for the plane", metadata: ["reason": "\(error)"])
    }
  }

  private var last: [Lane: UInt64] {
    Dictionary(uniqueKeysWithValues: (numbering?.lanes ?? []).map { ($0.lane, $0.last) })
  }
}

/// How long a stop waits for the plane to take the last events.
private struct StopPatience {
  private var deadline: Double?

  mutating func lasts() -> Bool {
    let now = MonotonicClock.preciseSeconds()
    let end = deadline ?? now + 2
    deadline = end
    return now < end
  }
}

// MARK: - doing

extension PlaneTalk {
  /// Takes every step that can be taken now.
  /// - Returns: whether a new epoch was started.
  private mutating func act() -> Bool {
    let now = MonotonicClock.preciseSeconds()
    while let step = nextStep(now) {
      switch step {
      case .commit(let positions): commit(positions)
      case .renewEpoch: return renewEpoch(now)
      case .hello(let nonce): if !sayHello(nonce) { return false }
      case .send(let lane, let range): if !send(lane, range, now) { return false }
      }
    }
    return false
  }

  private mutating func nextStep(_ now: Double) -> Conversation.Step? {
    let (last, resting) = (last, resting)
    return conversation?.nextStep(now: now, last: last, resting: resting)
  }

  /// Alarms always go; events rest when the day's budget runs short, or while the link is filled for seconds.
  private var resting: Set<Lane> {
    var budget = budget
    let isFull = bytesInFlight > 0 && bytesInFlight >= rate.allowanceBytes
    return isFull || budget.isShort(at: .now()) ? [.event] : []
  }

  private var bytesInFlight: Int { conversation?.senders[.event]?.bytesInFlight ?? 0 }

  /// What is not written now is told again by the next welcome.
  private func commit(_ positions: [LanePosition]) {
    var change = Change()
    change.positions = positions
    do { try store.commit(change) } catch {
      log.error("The plane's position could not be committed", metadata: ["reason": "\(error)"])
    }
  }

  private mutating func renewEpoch(_ now: Double) -> Bool {
    do {
      try store.renewEpoch(reason: "the plane follows another log", binding: settings.binding, at: .now())
    } catch {
      log.error("No new epoch", metadata: ["reason": "\(error)"])
      return false
    }
    look()
    guard let numbering else { return false }
    conversation?.renewed(numbering.epoch, now: now)
    log.warning("The plane follows another log than ours: started a new epoch", metadata: ["epoch": "\(numbering.epoch)"])
    return true
  }

  private mutating func sayHello(_ nonce: Nonce) -> Bool {
    guard let numbering else { return false }
    let heads = numbering.lanes.map { ($0.lane, Hello.Head(last: $0.last, hash: $0.hash)) }
    let hello = Hello(
      epoch: numbering.epoch, parentEpoch: numbering.parent, incarnation: numbering.incarnation, nonce: nonce,
      version: settings.version, lanes: Dictionary(uniqueKeysWithValues: heads))
    timed = nil
    return publish(hello.encoded, on: settings.topics.hello)
  }

  private mutating func send(_ lane: Lane, _ range: LaneSender.Range, _ now: Double) -> Bool {
    guard let batch = batch(lane, range) else { return false }
    let payload = batch.encoded
    guard publish(payload, on: settings.topics.batch(lane)) else { return false }
    conversation?.sent(lane, batch.header.first...batch.header.last, bytes: payload.count, now: now)
    if timed == nil { timed = (lane, batch.header.last, payload.count, now) }
    return true
  }

  /// `nil` while the store cannot give the events.
  private func batch(_ lane: Lane, _ range: LaneSender.Range) -> EventBatch? {
    guard let numbering else { return nil }
    do {
      let found = try store.reader.items(of: lane, beyond: range.first - 1, bytes: room(lane, range))
      let items = found.prefix { $0.sequence <= range.last ?? .max }.prefix(EventBatch.maxEvents)
      guard items.first?.sequence == range.first, let before = try store.reader.hash(of: lane, at: range.first - 1) else {
        log.error("An event for the plane is not in the store", metadata: ["lane": "\(lane)", "number": "\(range.first)"])
        return nil
      }
      return EventBatch(
        epoch: numbering.epoch, incarnation: store.incarnation, lane: lane, first: range.first, prevHash: before,
        events: items.map(\.bytes))
    } catch {
      log.error("The store cannot be read for the plane", metadata: ["reason": "\(error)"])
      return nil
    }
  }

  /// Bytes of events in a batch, its header aside. What goes again must have room as before.
  private func room(_ lane: Lane, _ range: LaneSender.Range) -> Int {
    let most = EventBatch.maxBytes - BatchHeader.maxBytes
    return lane == .alarm || range.last != nil ? most : min(most, max(1, rate.allowanceBytes - bytesInFlight))
  }

  @discardableResult
  private mutating func publish(_ payload: [UInt8], on topic: String, retain: Bool = false) -> Bool {
    do throws(MQTTError) {
      guard let session else { return false }
      try session.publish(topic: topic, payload: payload, qos: 1, retain: retain)
      budget.spend(payload.count + topic.utf8.count, at: .now())
      return true
    } catch {
      log.debug("Not sent", metadata: ["topic": "\(topic)", "reason": "\(error)"])
      return false
    }
  }
}

// MARK: - hearing

extension PlaneTalk {
  private mutating func take(_ notice: SessionNotice) {
    switch notice {
    case .connected:
      conversation?.disconnected()
      connectedAt = .now()
      publish(status(.online), on: settings.topics.status, retain: true)
    case .disconnected(let reason):
      conversation?.disconnected()
      log.warning("Lost the plane's broker", metadata: ["reason": "\(reason)"])
    case .subscriptionRefused(let topic, let code):
      log.error("The plane's broker refused a subscription", metadata: ["topic": "\(topic)", "code": "\(code)"])
    }
  }

  /// What cannot be read is as good as not received.
  private mutating func hear(_ message: Message) {
    let ours = ours
    do {
      switch message.topic {
      case PlaneTopics.planeStatus: conversation?.take(try PlaneStatus.decode(message.payload))
      case settings.topics.welcome: conversation?.take(try Welcome.decode(message.payload), ours: ours)
      case settings.topics.ack: take(try Ack.decode(message.payload))
      case settings.topics.nack: conversation?.take(try Nack.decode(message.payload))
      default: break
      }
    } catch {
      log.warning("A message from the plane is not as it must be", metadata: ["topic": "\(message.topic)", "reason": "\(error)"])
    }
  }

  private mutating func take(_ ack: Ack) {
    let ours = ours
    guard conversation?.take(ack, ours: ours) == true, let timed, ack.lane == timed.lane, ack.through >= timed.last else {
      return
    }
    rate.observe(bytes: timed.bytes, seconds: MonotonicClock.preciseSeconds() - timed.since)
    self.timed = nil
  }

  /// Our chain at a number of a lane.
  private var ours: (Lane, UInt64) -> ChainHash? {
    { [reader = store.reader] lane, number in try? reader.hash(of: lane, at: number) }
  }
}

// MARK: - telling

extension PlaneTalk {
  /// Tells of a change at once, of mere bytes every ten seconds.
  private mutating func tell() {
    var condition = Uplink.Condition(isConnected: conversation?.isOpen == true, reason: reason, bytesToday: told.bytesToday)
    let now = MonotonicClock.preciseSeconds()
    guard condition != told || (budget.bytesToday != told.bytesToday && now - toldAt >= 10) else { return }
    condition.bytesToday = budget.bytesToday
    (told, toldAt) = (condition, now)
    onChange(condition)
  }

  private var reason: String? {
    guard let session, let conversation else { return "the store cannot be read" }
    var budget = budget
    if !session.connection.isConnected { return session.connection.reason ?? "not connected" }
    if !conversation.isPlaneOnline { return session.connection.reason ?? "no plane is online" }
    if !conversation.isOpen { return "waiting for the plane's welcome" }
    return budget.isShort(at: .now()) ? "the day's byte budget is used up: only alarms go" : session.connection.reason
  }

  private func status(_ state: LinkState) -> [UInt8] {
    guard let numbering else { return [] }
    return GatewayStatus(
      state: state, connectedAt: connectedAt, epoch: numbering.epoch, incarnation: store.incarnation, version: settings.version
    ).encoded
  }

  private func options(_ numbering: Numbering) -> MQTTSession.Options {
    let topics = settings.topics
    var options = MQTTSession.Options(
      clientID: "thrum-\(topics.fleet)-\(topics.gateway)-uplink", kind: .plane,
      subscriptions: [.init(topics.allDown), .init(PlaneTopics.planeStatus)])
    options.will = .init(topic: topics.status, payload: status(.offline))
    options.maxPayloadBytes = 65_536
    options.commitsPerSecond = 100
    return options
  }
}
