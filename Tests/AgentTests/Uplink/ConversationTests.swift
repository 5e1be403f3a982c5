import Contracts
import Store
import Testing

@testable import Agent

@Suite struct ConversationTests {
  static let epoch = Epoch(unchecked: Array(0..<16))
  var conversation = Conversation(epoch: epoch) { 30 }

  /// Ten events in each lane; number n's hash is made of n.
  static func ours(_: Lane, _ number: UInt64) -> ChainHash? {
    number == 0 ? ChainHash(epoch) : number <= 10 ? hash(number) : nil
  }
  static func hash(_ number: UInt64) -> ChainHash { ChainHash(epoch).appending([UInt8(number)]) }

  mutating func step(_ now: Double = 0) -> Conversation.Step? { conversation.nextStep(now: now, last: [.alarm: 10, .event: 10]) }

  mutating func greet(through: UInt64 = 4, nonce other: Nonce? = nil, epoch: Epoch = epoch) throws -> Nonce {
    conversation.take(PlaneStatus(state: .online, planeIncarnation: 1))
    guard case .hello(let nonce) = step() else { throw Unexpected() }
    let position = Welcome.Position(through: through, hash: Self.ours(.alarm, through) ?? Self.hash(through))
    conversation.take(
      Welcome(epoch: epoch, nonce: other ?? nonce, planeIncarnation: 1, window: 1, lanes: [.alarm: position, .event: position]),
      ours: Self.ours)
    return nonce
  }
  struct Unexpected: Error {}

  @Test("nothing is said while no plane is known to be online")
  mutating func offline() {
    expect(step(), nil)
    conversation.take(PlaneStatus(state: .offline, planeIncarnation: 1))
    expect(step(), nil)
  }

  @Test("hello, welcome, then alarms before events")
  mutating func alarmsFirst() throws {
    _ = try greet(through: 0)
    expect(step(), .send(.alarm, .init(first: 1)))
    conversation.sent(.alarm, 1...10, bytes: 1, now: 0)
    expect(step(), .send(.event, .init(first: 1)))
  }

  @Test("a plane that leaves two hellos unanswered is called silent, until it welcomes or comes anew")
  mutating func silent() throws {
    conversation.take(PlaneStatus(state: .online, planeIncarnation: 1))
    for (now, isSilent) in [(0.0, false), (31, false), (62, true), (93, true)] {
      guard case .hello = step(now) else { throw Unexpected() }
      #expect(conversation.isPlaneSilent == isSilent, "after \(now) s")
    }
    conversation.take(PlaneStatus(state: .online, planeIncarnation: 2))
    #expect(!conversation.isPlaneSilent)
    _ = try greet()
    #expect(conversation.isOpen && !conversation.isPlaneSilent)
  }

  @Test("a lane that may not go does not hold up the others")
  mutating func budget() throws {
    _ = try greet(through: 0)
    #expect(conversation.nextStep(now: 0, last: [.alarm: 10, .event: 10], resting: [.alarm]) == .send(.event, .init(first: 1)))
  }

  @Test("a welcome to another hello, or of another epoch, changes nothing")
  mutating func foreignWelcome() throws {
    _ = try greet(nonce: .random())
    #expect(!conversation.isOpen)
    expect(step(), nil)
    _ = try greet(epoch: .random())
    #expect(!conversation.isOpen)
  }

  @Test("a store that cannot be read is no reason for a new epoch")
  mutating func unreadableStore() throws {
    conversation.take(PlaneStatus(state: .online, planeIncarnation: 1))
    guard case .hello(let nonce) = step() else { throw Unexpected() }
    let welcome = Welcome(epoch: Self.epoch, nonce: nonce, planeIncarnation: 1, window: 1, lanes: [:])
    do {
      try conversation.take(welcome) { _, _ in throw Unexpected() }
      Issue.record("the store's error is swallowed")
    } catch {}
    expect(step(), nil)
    guard case .hello = step(30) else { throw Unexpected() }
  }

  @Test("without a welcome the hello is said again, with another nonce")
  mutating func unanswered() throws {
    let first = try greet(nonce: .random())
    expect(step(29), nil)
    guard case .hello(let second) = step(30) else { throw Unexpected() }
    #expect(first != second)
  }

  @Test("a welcome that goes beyond our last event starts a new epoch")
  mutating func beyond() throws {
    _ = try greet(through: 11)
    expect(step(), .renewEpoch)
  }

  @Test("a plane that makes no sense gets at most one new epoch a minute")
  mutating func renewals() throws {
    _ = try greet(through: 11)
    conversation.renewed(Self.epoch, now: 0)
    _ = try greet(through: 11)
    expect(step(59), nil)
    expect(step(60), .renewEpoch)
  }

  @Test("an acknowledgement with another nonce, of another epoch or beyond what was sent is refused")
  mutating func refusedAcks() throws {
    let nonce = try greet(through: 0)
    conversation.sent(.event, 1...5, bytes: 1, now: 0)
    func ack(_ through: UInt64, _ nonce: Nonce, _ epoch: Epoch = Self.epoch) -> Ack {
      Ack(epoch: epoch, lane: .event, nonce: nonce, planeIncarnation: 1, through: through, hash: Self.hash(through))
    }
    for foreign in [ack(5, .random()), ack(5, nonce, .random()), ack(6, nonce), ack(12, nonce)] {
      let taken = conversation.take(foreign, ours: Self.ours)
      #expect(!taken)
    }
    let taken = conversation.take(ack(5, nonce), ours: Self.ours)
    #expect(taken)
    expect(step(), .commit([LanePosition(lane: .event, epoch: Self.epoch, through: 5, hash: Self.hash(5))]))
  }

  @Test("an acknowledgement of the connection before counts no more")
  mutating func oldConnection() throws {
    let nonce = try greet(through: 0)
    conversation.sent(.event, 1...5, bytes: 1, now: 0)
    conversation.disconnected()
    _ = try greet(through: 0)
    let ack = Ack(epoch: Self.epoch, lane: .event, nonce: nonce, planeIncarnation: 1, through: 5, hash: Self.hash(5))
    let taken = conversation.take(ack, ours: Self.ours)
    #expect(!taken)
  }

  @Test("a plane that comes online again is greeted again: it may come from a backup")
  mutating func planeBack() throws {
    _ = try greet()
    _ = step()
    conversation.take(PlaneStatus(state: .online, planeIncarnation: 2))
    guard case .hello = step() else { throw Unexpected() }
  }

  @Test("a position lower than ours is told to the store, and sent from there")
  mutating func lowerPosition() throws {
    _ = try greet(through: 8)
    expect(step(), .commit(Lane.told.map { LanePosition(lane: $0, epoch: Self.epoch, through: 8, hash: Self.hash(8)) }))
    _ = try greet(through: 3)
    expect(step(), .commit(Lane.told.map { LanePosition(lane: $0, epoch: Self.epoch, through: 3, hash: Self.hash(3)) }))
    expect(step(), .send(.alarm, .init(first: 4)))
  }
}
