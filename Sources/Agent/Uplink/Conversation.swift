import Contracts
import Store

/// The gateway's side of the conversation with the plane (docs/PROTOCOL "Conversation"), without sockets, clocks or files:
/// messages go in, steps come out. Anything the plane says that does not belong to our latest hello changes nothing.
struct Conversation {
  /// What is to be done next.
  enum Step: Equatable {
    /// Tell the store how far the plane has the lanes.
    case commit([LanePosition])
    /// The plane follows another log: start a new epoch, then `renewed`.
    case renewEpoch
    case hello(Nonce)
    case send(Lane, LaneSender.Range)
  }

  /// Seconds to wait for an answer before asking again.
  typealias Patience = () -> Double

  private(set) var epoch: Epoch
  private(set) var senders: [Lane: LaneSender] = [:]
  private let patience: Patience
  private(set) var isPlaneOnline = false
  private var nonce: Nonce?
  private var helloDeadline = 0.0
  /// In a row.
  private var hellosUnanswered = 0
  private var wantsEpoch = false
  /// A plane that refuses everything must not wear out the store: at most one new epoch a minute.
  private var earliestRenewal = -Double.infinity
  private var positions: [LanePosition] = []

  init(epoch: Epoch, patience: @escaping Patience) {
    self.epoch = epoch
    self.patience = patience
    for lane in Lane.allCases { senders[lane] = LaneSender() }
  }

  /// Welcomed: events may go.
  var isOpen: Bool { nonce != nil && !wantsEpoch && senders.values.allSatisfy(\.isOpen) }

  /// It is online, and answers nothing to this gateway.
  var isPlaneSilent: Bool { !isOpen && hellosUnanswered >= 2 }

  // MARK: steps

  /// The most urgent thing to do now, alarms before events; `nil`: wait for the plane, for events, or for time.
  /// - Parameters:
  ///   - now: seconds of a clock that never goes back.
  ///   - last: each lane's newest event.
  ///   - resting: lanes from which nothing may go now.
  mutating func nextStep(now: Double, last: [Lane: UInt64], resting: Set<Lane> = []) -> Step? {
    if !positions.isEmpty {
      defer { positions = [] }
      return .commit(positions)
    }
    guard isPlaneOnline else { return nil }
    checkDeadlines(now)
    if wantsEpoch { return now >= earliestRenewal ? .renewEpoch : nil }
    if nonce == nil { return hello(now) }
    if !isOpen, now >= helloDeadline {
      hellosUnanswered += 1
      return hello(now)
    }
    for lane in Lane.allCases where !resting.contains(lane) {
      if let range = senders[lane]?.next(last: last[lane] ?? 0) { return .send(lane, range) }
    }
    return nil
  }

  mutating func sent(_ lane: Lane, _ numbers: ClosedRange<UInt64>, bytes: Int, now: Double) {
    senders[lane]?.sent(numbers, bytes: bytes, deadline: now + patience())
  }

  mutating func renewed(_ epoch: Epoch, now: Double) {
    self.epoch = epoch
    (wantsEpoch, earliestRenewal) = (false, now + 60)
    for lane in Lane.allCases { senders[lane] = LaneSender() }
    nonce = nil
  }

  // MARK: what is heard

  /// A new connection, or none: nothing heard before counts any more.
  mutating func disconnected() {
    (isPlaneOnline, wantsEpoch) = (false, false)
    forgetHello()
  }

  /// A plane that comes online is greeted anew: it may be another, or come from a backup.
  mutating func take(_ status: PlaneStatus) {
    (isPlaneOnline, wantsEpoch, hellosUnanswered) = (status.state == .online, false, 0)
    forgetHello()
  }

  /// - Parameter ours: our chain at a number of the lane; `nil` beyond its end. When it throws nothing has changed.
  mutating func take(_ welcome: Welcome, ours: (Lane, UInt64) throws -> ChainHash?) rethrows {
    guard welcome.epoch == epoch, let nonce, welcome.nonce == nonce, !isOpen else { return }
    hellosUnanswered = 0
    let start = Welcome.Position(through: 0, hash: ChainHash(epoch))
    let positions = Lane.allCases.map { ($0, welcome.lanes[$0.rawValue] ?? start) }
    let areOurs = try positions.map { lane, position in try ours(lane, position.through) == position.hash }
    for ((lane, position), isOurs) in zip(positions, areOurs) {
      let before = senders[lane]?.through
      apply(senders[lane]?.welcome(through: position.through, isOurs: isOurs, window: welcome.window))
      if isOurs, before != position.through { keep(lane, position.through, position.hash) }
    }
  }

  /// - Returns: whether it was taken.
  @discardableResult
  mutating func take(_ ack: Ack, ours: (Lane, UInt64) throws -> ChainHash?) rethrows -> Bool {
    guard ack.epoch == epoch, let nonce, ack.nonce == nonce else { return false }
    let isOurs = try ours(ack.lane, ack.through) == ack.hash
    guard senders[ack.lane]?.acknowledge(through: ack.through, isOurs: isOurs) == true else { return false }
    keep(ack.lane, ack.through, ack.hash)
    return true
  }

  mutating func take(_ nack: Nack) {
    guard nack.epoch == epoch, let nonce, nack.nonce == nonce else { return }
    apply(senders[nack.lane]?.refuse(expected: nack.expected))
  }

  /// What was to be sent is there no more in that form: the plane is asked where it stands.
  mutating func startOver() { forgetHello() }

  // MARK: consequences

  private mutating func apply(_ consequence: LaneSender.Consequence?) {
    switch consequence {
    case .hello: forgetHello()
    case .renewEpoch: wantsEpoch = true
    case nil, .some(.none): break
    }
  }

  private mutating func keep(_ lane: Lane, _ through: UInt64, _ hash: ChainHash) {
    positions.removeAll { $0.lane == lane }
    positions.append(LanePosition(lane: lane, epoch: epoch, through: through, hash: hash))
  }

  private mutating func hello(_ now: Double) -> Step {
    forgetHello()
    let nonce = Nonce.random()
    self.nonce = nonce
    helloDeadline = now + patience()
    return .hello(nonce)
  }

  private mutating func forgetHello() {
    nonce = nil
    for lane in Lane.allCases { senders[lane]?.close() }
  }

  private mutating func checkDeadlines(_ now: Double) {
    for lane in Lane.allCases { apply(senders[lane]?.checkDeadlines(now: now)) }
  }
}
