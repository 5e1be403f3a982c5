import Contracts
import Logging
import MQTT
import Signal
import Store

/// What the conversation asks for is done: published, committed, renewed.
extension PlaneTalk {
  /// Takes every step that can be taken now.
  /// - Returns: whether a new epoch was started.
  mutating func act() -> Bool {
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

  mutating func nextStep(_ now: Double) -> Conversation.Step? {
    let (last, resting) = (last, resting)
    return conversation?.nextStep(now: now, last: last, resting: resting)
  }

  /// Alarms always go, as far as the plane can answer them in time; the others rest one after the other when the day's budget runs short,
  /// and all while the link is filled.
  var resting: Set<Lane> {
    var budget = budget
    if bytesInFlight(Lane.allCases) >= pace.mostBytes { return Set(Lane.allCases) }
    let isFull = bytesInFlight(Self.patient) > pace.isFullBytes
    return isFull ? Set(Self.patient) : budget.resting(at: .now())
  }

  /// All but alarms.
  private static let patient = Lane.allCases.filter { $0 != .alarm }

  func bytesInFlight(_ lanes: [Lane]) -> Int { lanes.reduce(0) { $0 + (conversation?.senders[$1]?.bytesInFlight ?? 0) } }

  /// What is not written now is told again by the next welcome.
  func commit(_ positions: [LanePosition]) {
    var change = Change()
    change.positions = positions
    do { try store.commit(change) } catch {
      log.error("The plane's position could not be committed", metadata: ["reason": "\(error)"])
    }
  }

  mutating func renewEpoch(_ now: Double) -> Bool {
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

  mutating func sayHello(_ nonce: Nonce) -> Bool {
    guard let numbering else { return false }
    let heads = numbering.lanes.map { ($0.lane, Hello.Head(last: $0.last, hash: $0.hash)) }
    let hello = Hello(
      epoch: numbering.epoch, parentEpoch: numbering.parent, incarnation: store.incarnation, nonce: nonce,
      version: settings.version, lanes: Dictionary(uniqueKeysWithValues: heads))
    pace.forget()
    guard let payload = signed(hello.encoded) else { return false }
    return publish(payload, on: settings.topics.hello)
  }

  mutating func send(_ lane: Lane, _ range: LaneSender.Range, _ now: Double) -> Bool {
    guard let (batch, bytes) = packed(lane, range) else {
      // Evicted since it was sent first, perhaps: not more often than a plane may take to answer.
      if now - startedOverAt >= settings.answerSeconds { (startedOverAt, _) = (now, conversation?.startOver()) }
      return false
    }
    guard let payload = signed(bytes) else { return false }
    guard publish(payload, on: settings.topics.batch(lane)) else { return false }
    conversation?.sent(lane, batch.header.first...batch.header.last, bytes: payload.count, now: now)
    pace.sent(lane, batch.header.first...batch.header.last, bytes: payload.count, now: now)
    return true
  }

  /// A batch that came out longer than the link has room for is made again of fewer events.
  private mutating func packed(_ lane: Lane, _ range: LaneSender.Range) -> (EventBatch, bytes: [UInt8])? {
    var room = room(lane, range)
    var attempts = 0
    while let batch = batch(lane, range, room: room) {
      let bytes = batch.compressed
      let events = batch.events.reduce(0) { $0 + $1.count }
      packing[lane] = min(1, max(Self.bestPacking, Double(bytes.count) / Double(max(1, events))))
      let isBound = lane != .alarm && range.last == nil && batch.events.count > 1
      guard isBound, bytes.count > pace.batchBytes, attempts < 3 else { return (batch, bytes) }
      attempts += 1
      room = max(1, Int(0.9 * Double(events) * Double(pace.batchBytes) / Double(bytes.count)))
    }
    return nil
  }

  /// What is counted on before a batch is made, at best.
  private static let bestPacking = 0.05

  /// `nil` while the store cannot give the events.
  func batch(_ lane: Lane, _ range: LaneSender.Range, room: Int) -> EventBatch? {
    guard let numbering else { return nil }
    do {
      let found = try store.reader.items(of: lane, beyond: range.first - 1, bytes: room)
      // A gap that grew over the end of what goes again goes whole.
      let items = found.prefix { $0.sequence <= range.last ?? .max || $0.first == range.first }.prefix(EventBatch.maxEvents)
      guard items.first?.first == range.first, let before = try store.reader.hash(of: lane, at: range.first - 1) else {
        log.error("An event for the plane is not in the store", metadata: ["lane": "\(lane)", "number": "\(range.first)"])
        return nil
      }
      let batch = EventBatch(
        epoch: numbering.epoch, incarnation: store.incarnation, lane: lane, first: range.first, prevHash: before,
        events: items.map(\.bytes))
      guard batch.header.hash == items.last?.hash else {
        damaged("events from \(range.first) of lane \(lane.rawValue) do not make the chain they were stored with")
        return nil
      }
      return batch
    } catch {
      log.error("The store cannot be read for the plane", metadata: ["reason": "\(error)"])
      return nil
    }
  }

  /// What is damaged is never sent as good.
  func damaged(_ reason: String) { SelfRestart.now(store, reason: reason, log: log) }

  /// Bytes of events in a batch, its header aside. What goes again must have room as before.
  private func room(_ lane: Lane, _ range: LaneSender.Range) -> Int {
    let most = EventBatch.maxBytes - BatchHeader.maxBytes
    if lane == .alarm || range.last != nil { return most }
    return min(most, max(1, Int(Double(pace.batchBytes) / packing[lane, default: 1])))
  }

  @discardableResult
  mutating func publish(_ payload: [UInt8], on topic: String, retain: Bool = false) -> Bool {
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
