import Signal
import Testing

@testable import Anomaly

/// docs/decisions/source-numbering.md, line by line.
@Suite("Numbers of a source")
struct SourceOrderTests {
  private var maker = FrameMaker()

  /// Takes frames as they come; says what each was.
  private static func places(_ frames: [Frame], _ order: inout SourceOrder) -> [SourceOrder.Place] {
    frames.map { frame in
      let place = order.place(of: frame)
      switch place {
      case .again: break
      case .late, .jumped: _ = order.pass(frame, at: place)
      case .next, .anew: _ = order.take(frame, at: place)
      }
      return place
    }
  }

  private mutating func numbered(_ sequences: [UInt64], from seconds: Double? = nil) -> [Frame] {
    sequences.enumerated().map { index, sequence in maker.frame(sequence: sequence, at: seconds.map { $0 + 0.1 * Double(index) })
    }
  }

  @Test("a re-send is a duplicate, with and without capture time", arguments: [nil, 100])
  mutating func resend(seconds: Double?) {
    var order = SourceOrder()
    let frames = numbered([0, 1, 2, 3], from: seconds)
    _ = Self.places(frames, &order)
    #expect(Self.places(frames, &order) == [.again, .again, .again, .again])
    #expect(order.sequences.missing == 0)
  }

  @Test("a whole numbering sent again is not a restarted sensor")
  mutating func wholeResend() {
    var order = SourceOrder()
    let frames = numbered(Array(0...40))
    _ = Self.places(frames, &order)
    #expect(Self.places(frames, &order).allSatisfy { $0 == .again })
  }

  @Test("a restarted sensor begins a new numbering", arguments: [nil, 100, 1])
  mutating func reboot(seconds: Double?) {
    var order = SourceOrder()
    _ = Self.places(numbered(Array(0...40), from: seconds.map { _ in 50 }), &order)
    let again = Self.places(numbered([0, 1, 2], from: seconds), &order)
    #expect(again == [.anew, .next(joins: true), .next(joins: true)])
    #expect(order.sequences.ranges == [0...2])
  }

  @Test("a sensor that restarted while Thrum was down is heard")
  mutating func rebootAcrossRestart() {
    var order = SourceOrder(sequences: SequenceRanges([0...500]))
    #expect(Self.places(numbered([1, 2]), &order) == [.anew, .next(joins: true)])
  }

  @Test("a late frame fills its hole and joins nothing")
  mutating func late() {
    var order = SourceOrder()
    _ = Self.places(numbered([0, 1, 3]), &order)
    #expect(order.sequences.missing == 1)
    #expect(Self.places(numbered([2, 4]), &order) == [.late, .next(joins: true)])
    #expect(order.sequences.missing == 0)
  }

  @Test("a jump of more than a million is a new numbering, up and down", arguments: [0, 5_000_000] as [UInt64])
  mutating func jump(start: UInt64) {
    var order = SourceOrder()
    let other: UInt64 = start == 0 ? 1_000_100 : 50
    #expect(Self.places(numbered([start + 50, other + 1_000_000 * (start == 0 ? 1 : 0)]), &order).last == .anew)
    #expect(order.sequences.missing == 0)
  }

  @Test("without numbers the capture time decides")
  mutating func captureTime() {
    var order = SourceOrder()
    let first = maker.frame(at: 10_000)
    let frames = [first, maker.frame(at: 10_000.1), maker.frame(at: 10_000.3), maker.frame(at: 10_000.2)]
    let places = Self.places(frames, &order)
    #expect(places == [.next(joins: false), .next(joins: true), .next(joins: false), .late])
    #expect(Self.places([frames[2]], &order) == [.again])
  }

  @Test("a time far off is a jump; a second one that goes on from it says that the clock was set", arguments: [10, 200_000])
  mutating func clockSet(to seconds: Double) {
    var order = SourceOrder()
    var frames = [maker.frame(at: 100_000), maker.frame(at: 100_000.1)]
    frames += [maker.frame(at: seconds), maker.frame(at: seconds + 0.1), maker.frame(at: seconds + 0.2)]
    let places = Self.places(frames, &order)
    #expect(places == [.next(joins: false), .next(joins: true), .jumped, .next(joins: false), .next(joins: true)])
    #expect(Self.places([maker.frame(at: 100_000.2)], &order) == [.jumped])
  }

  @Test("one slip of the clock costs that frame alone, numbered or not", arguments: [10, 1_000_000], [true, false])
  mutating func clockSlip(seconds: Double, isNumbered: Bool) {
    var order = SourceOrder()
    let times = [100_000, seconds, 100_000.2, 100_000.3]
    let frames = times.enumerated().map { maker.frame(sequence: isNumbered ? UInt64($0) : nil, at: $1) }
    #expect(Self.places(frames, &order) == [.next(joins: false), .jumped, .next(joins: false), .next(joins: true)])
    #expect(order.sequences.missing == 0)
  }

  @Test("a pause as long as the gateway saw it is no jump, nor is a step of two declared intervals")
  mutating func pause() {
    var order = SourceOrder()
    let week = 604_800.0
    let paused = [maker.frame(at: 1000, receivedAt: 5000), maker.frame(at: 1000 + week, receivedAt: 5000 + week)]
    #expect(Self.places(paused, &order) == [.next(joins: false), .next(joins: false)])
    var rare = SourceOrder(expectedIntervalSeconds: week)
    let backlog = [maker.frame(at: 1000), maker.frame(at: 1000 + week), maker.frame(at: 1000 + 3 * week)]
    #expect(Self.places(backlog, &rare) == [.next(joins: false), .next(joins: false), .next(joins: false)])
    #expect(Self.places([maker.frame(at: 1000 + 6 * week)], &rare) == [.jumped])
  }

  @Test("hostile numbers and times stop nothing", arguments: [Int64.min, -1, 0, Int64.max])
  mutating func hostile(nanoseconds: Int64) {
    var bench = Bench()
    for sequence in [0, .max, 1, .max - 1, 1 << 40, 7] as [UInt64] {
      var frame = maker.frame(sequence: sequence)
      frame.startTime = UnixTime(nanoseconds: nanoseconds &+ Int64(truncatingIfNeeded: sequence))
      bench.take(frame)
    }
    #expect(bench.ledger.received == 6)
    #expect(bench.ledger.balances)
    #expect(bench.ledger.missing <= 6_000_000)
  }
}
