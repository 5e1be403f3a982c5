import Testing

@testable import Agent

/// One lane's sender, message by message. Each test begins welcomed at 10 of 30 events.
@Suite struct LaneSenderTests {
  var sender = LaneSender()
  typealias Range = LaneSender.Range

  init() { expect(sender.welcome(through: 10, isOurs: true, window: 1), .none) }

  @Test("nothing is sent before the welcome")
  func closed() {
    #expect(LaneSender().next(last: 30) == nil)
  }

  @Test("one batch is unanswered at a time, and the next follows its acknowledgement")
  mutating func inTurn() {
    #expect(sender.next(last: 30) == Range(first: 11))
    sender.sent(11...20, bytes: 100, deadline: 30)
    #expect(sender.next(last: 30) == nil)
    #expect(sender.bytesInFlight == 100)
    expect(sender.acknowledge(through: 20, isOurs: true), true)
    #expect(sender.through == 20)
    #expect(sender.next(last: 30) == Range(first: 21))
    #expect(sender.next(last: 20) == nil)
  }

  @Test("a window of two allows two")
  mutating func window() {
    _ = sender.welcome(through: 10, isOurs: true, window: 2)
    sender.sent(11...12, bytes: 1, deadline: 30)
    #expect(sender.next(last: 30) == Range(first: 13))
    sender.sent(13...14, bytes: 1, deadline: 30)
    #expect(sender.next(last: 30) == nil)
  }

  @Test(
    "an acknowledgement is refused: late, twice, for the future, with a foreign hash",
    arguments: [(10, true), (9, true), (0, true), (21, true), (UInt64.max, true), (20, false)] as [(UInt64, Bool)])
  func refusedAcks(through: UInt64, isOurs: Bool) {
    var sender = sender
    sender.sent(11...20, bytes: 1, deadline: 30)
    let before = sender
    expect(sender.acknowledge(through: through, isOurs: isOurs), false)
    #expect(sender == before)
  }

  @Test("after silence the very same batch goes again; after a second silence the plane is asked")
  mutating func silence() {
    sender.sent(11...20, bytes: 1, deadline: 30)
    expect(sender.checkDeadlines(now: 29), .none)
    #expect(sender.next(last: 40) == nil)
    expect(sender.checkDeadlines(now: 30), .none)
    #expect(sender.next(last: 40) == Range(first: 11, last: 20))
    sender.sent(11...20, bytes: 1, deadline: 60)
    expect(sender.checkDeadlines(now: 60), .hello)
    #expect(sender.next(last: 40) == nil)
  }

  @Test("a refusal sends again from what the plane expects, one batch at a time")
  mutating func refusal() {
    _ = sender.welcome(through: 10, isOurs: true, window: 4)
    sender.sent(11...12, bytes: 1, deadline: 30)
    sender.sent(13...14, bytes: 1, deadline: 30)
    expect(sender.refuse(expected: 11), .none)
    #expect(sender.next(last: 30) == Range(first: 11))
    sender.sent(11...11, bytes: 1, deadline: 30)
    #expect(sender.next(last: 30) == nil)
  }

  @Test("a plane that came from a backup gets again what it lost")
  mutating func backup() {
    sender.sent(11...20, bytes: 1, deadline: 30)
    expect(sender.refuse(expected: 4), .none)
    #expect(sender.through == 3)
    #expect(sender.next(last: 30) == Range(first: 4))
    expect(sender.welcome(through: 2, isOurs: true, window: 1), .none)
    #expect(sender.next(last: 30) == Range(first: 3))
  }

  @Test("a plane that refuses what its own welcome asked for is asked once more, then follows another log")
  mutating func anotherLog() {
    for consequence in [LaneSender.Consequence.hello, .renewEpoch] {
      sender.sent(11...20, bytes: 1, deadline: 30)
      expect(sender.refuse(expected: 11), .none)
      sender.sent(11...20, bytes: 1, deadline: 30)
      expect(sender.refuse(expected: 11), consequence)
      #expect(sender.next(last: 30) == nil)
      _ = sender.welcome(through: 10, isOurs: true, window: 1)
    }
  }

  @Test("what was taken in between clears the doubt")
  mutating func doubtCleared() {
    sender.sent(11...11, bytes: 1, deadline: 30)
    expect(sender.refuse(expected: 20), .hello)
    _ = sender.welcome(through: 10, isOurs: true, window: 1)
    sender.sent(11...11, bytes: 1, deadline: 30)
    expect(sender.acknowledge(through: 11, isOurs: true), true)
    sender.sent(12...12, bytes: 1, deadline: 30)
    expect(sender.refuse(expected: 20), .hello)
  }

  @Test("a welcome with a hash that is not ours starts a new epoch, and nothing is sent")
  mutating func foreignWelcome() {
    expect(sender.welcome(through: 10, isOurs: false, window: 1), .renewEpoch)
    #expect(sender.next(last: 30) == nil)
  }
}
