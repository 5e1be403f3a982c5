import Anomaly
import Configuration
import Contracts
import Foundation
import Signal
import TestSupport
import Testing

@testable import Agent
@testable import MQTT
@testable import Store

/// People's orders between a batch and its commit, with a clock of the test's own.
@Suite struct PeopleOrderTests {
  private static let configuration = """
    [[source]]
    topic = 'plant/{machine}/{point}'
    payload = 'f32le'
    unit = 'm/s2'
    sample_rate_hz = 2560
    window_samples = 256
    overlap = 0
    baseline_windows = 0

    [[machine]]
    name = 'pump'
    severity = 'iso20816-3/group2/rigid'
    """
  private static let eve = Caller(uid: 7, name: "eve", role: .operator)
  private static let drive = PointID(machine: "pump", point: "de")

  private func workers(_ restored: RestoredState? = nil, at seconds: Double = 0) throws -> PointWorkers {
    let config = try ConfigFile.parse([("thrum.toml", Self.configuration)])
    return PointWorkers(
      [PointWorker(settings: PointSettingsBook(config))], learner: Learner {}, routes: try Routes(config.sources),
      restored: restored ?? RestoredState(points: [], alarms: [], ring: RedeliveryRing(name: "test"), hadSession: false),
      broker: "mqtt://test", maxPoints: 100, at: UnixTime(seconds: seconds))
  }

  /// Frames of a tone of 159 Hz, whose velocity in mm/s is its acceleration in m/s².
  private func frames(_ count: Int, velocityRMS: Double, to point: String = "de") -> Batch {
    var batch = Batch()
    for number in 0..<count {
      let samples = (0..<256).map { index -> Float in
        let time = Double(number * 256 + index) / 2560
        let noise = Double((index * 7919 + number) % 1000) / 1e5
        return Float(velocityRMS * 1.414 * sin(1000 * time) + noise)
      }
      let payload = samples.flatMap { sample in withUnsafeBytes(of: sample.bitPattern.littleEndian) { Array($0) } }
      batch.messages.append(
        Message(topic: "plant/pump/\(point)", payload: payload, isRedelivered: false, messageID: UInt16(number + 1)))
    }
    return batch
  }

  private func order<Reply>(
    _ workers: PointWorkers, at seconds: Double, in change: Change = Change(),
    _ carryOut: (PointWorkers, inout Occasion) -> Result<Reply, CallProblem>
  ) throws -> (Reply, Change) {
    var occasion = Occasion(caller: Self.eve, now: UnixTime(seconds: seconds), change: change)
    let reply = try carryOut(workers, &occasion).get()
    return (reply, occasion.change)
  }

  private func kinds(_ change: Change) -> [String] {
    (change.points.flatMap(\.occurrences) + change.occurrences).map { $0.type.replacing("org.thrum.", with: "") }
  }

  /// Workers whose pump stands in alarm.
  private func inAlarm() throws -> PointWorkers {
    let workers = try workers()
    _ = workers.take(frames(40, velocityRMS: 10), at: UnixTime(seconds: 1))
    #expect(workers.alarms.open.map(\.state) == [.unacknowledged])
    return workers
  }

  @Test("a shelf ends with the turn in which its time is over, whatever else comes with it")
  func shelfEnds() throws {
    let workers = try inAlarm()
    let (reply, change) = try order(workers, at: 10) { $0.shelve(Shelve(alarm: "pump#1", forS: 100), &$1) }
    #expect(reply.alarm.state == "shelved")
    #expect(change.people.suppressions[Self.drive]??.until == UnixTime(seconds: 110))
    #expect(workers.take(Batch(), at: UnixTime(seconds: 109)).people == PeopleChange())
    let over = workers.take(frames(1, velocityRMS: 10), at: UnixTime(seconds: 110))
    #expect(over.people.alarms.map(\.state) == [.unacknowledged])
    #expect(over.people.suppressions.keys.contains(Self.drive) && over.people.suppressions[Self.drive].flatMap { $0 } == nil)
    #expect(kinds(over).filter { $0.hasPrefix("alarm") } == ["alarm.unshelved.v1", "alarm.raised.v1"])
  }

  @Test("an alarm that comes off its shelf and clears in the same batch is stored as it ends")
  func backAndCleared() throws {
    let workers = try inAlarm()
    _ = try order(workers, at: 10) { $0.shelve(Shelve(alarm: "pump#1", forS: 100), &$1) }
    _ = workers.take(frames(40, velocityRMS: 1), at: UnixTime(seconds: 105))
    #expect(workers.alarms.alarm("pump#1")?.state == .shelved, "its quiet minute is not over")
    let over = workers.take(frames(40, velocityRMS: 1), at: UnixTime(seconds: 200))
    let last = try #require(workers.alarms.alarm("pump#1"))
    #expect(last.state == .returned)
    #expect(over.people.alarms == [last], "what people said is written after what the points did")
  }

  @Test("after a restart a shelf goes on, and ends by the clock")
  func restart() throws {
    let workers = try inAlarm()
    let (_, change) = try order(workers, at: 10) { $0.shelve(Shelve(alarm: "pump#1", forS: 100), &$1) }
    let alarm = try #require(workers.alarms.alarm("pump#1"))
    var state = PointState()
    state.verdict = .alarm
    var restored = RestoredState(
      points: [.init(id: Self.drive, point: RestoredPoint(state: state))], alarms: [alarm],
      ring: RedeliveryRing(name: "test"), hadSession: false)
    restored.suppressions = change.people.suppressions.compactMapValues { $0 }
    let again = try self.workers(restored, at: 60)
    #expect(again.take(Batch(), at: UnixTime(seconds: 100)).people.alarms.isEmpty)
    #expect(again.take(Batch(), at: UnixTime(seconds: 111)).people.alarms.map(\.state) == [.unacknowledged])
  }

  @Test("a refused order changes nothing and leaves no trace")
  func refused() throws {
    let workers = try inAlarm()
    #expect(throws: CallProblem.self) { try order(workers, at: 2) { $0.unshelve(Unshelve(alarm: "pump#1"), &$1) } }
    #expect(throws: CallProblem.self) { try order(workers, at: 2) { $0.acknowledge(Acknowledge(alarm: "pump#2"), &$1) } }
    #expect(workers.alarms.open.map(\.state) == [.unacknowledged])
    let desk = Desk {}
    let waiting = Task {
      await desk.ask("ack") { workers, now, change in
        change.people.forgotten = [Self.drive]
        return Result<Int, CallProblem>.failure(CallProblem(.conflict, "ack", "x", reason: "no"))
      }
    }
    var orders: [Desk.Order] = []
    #expect(
      eventually {
        orders = orders + desk.take(); return !orders.isEmpty
      })
    var change = Change()
    orders.carryOut(by: workers, at: UnixTime(seconds: 3), in: &change)
    #expect(change.isEmpty)
    orders.answer()
    _ = waiting
  }

  @Test("out of service learns nothing; a stop to learning survives it")
  func learning() throws {
    let workers = try inAlarm()
    _ = try order(workers, at: 2) { $0.learn(Learn(point: "pump/de", action: .stop), &$1) }
    _ = try order(workers, at: 3) { $0.takeOutOfService(TakeOutOfService(point: "pump/de"), &$1) }
    #expect(!workers.mayLearn(Self.drive))
    let (reply, _) = try order(workers, at: 4) { $0.putInService(PutInService(point: "pump/de"), &$1) }
    #expect(reply.baseline.stoppedBy == "eve")
    #expect(!workers.mayLearn(Self.drive))
    _ = try order(workers, at: 5) { $0.learn(Learn(point: "pump/de", action: .start), &$1) }
    #expect(workers.mayLearn(Self.drive))
  }

  @Test("a stop of a learned point's learning can be undone; a second stop is told of the first")
  func stopOfALearnedPoint() throws {
    var state = PointState()
    state.baseline.phase = .ready
    let restored = RestoredState(
      points: [.init(id: Self.drive, point: RestoredPoint(state: state))], alarms: [], ring: RedeliveryRing(name: "test"),
      hadSession: false)
    let workers = try workers(restored)
    let (stopped, _) = try order(workers, at: 2) { $0.learn(Learn(point: "pump/de", action: .stop), &$1) }
    #expect(stopped.baseline.state == "ready" && stopped.baseline.stoppedBy == "eve")
    let twice = #expect(throws: CallProblem.self) {
      try order(workers, at: 3) { $0.learn(Learn(point: "pump/de", action: .stop), &$1) }
    }
    #expect(twice?.reason.contains("stopped already (eve)") == true && twice?.remedy?.contains("start") == true)
    let (started, change) = try order(workers, at: 4) { $0.learn(Learn(point: "pump/de", action: .start), &$1) }
    #expect(started.baseline.stoppedBy == nil && workers.mayLearn(Self.drive))
    #expect(change.people.learningStops[Self.drive] == .some(nil), "and it is written down")
    let learned = #expect(throws: CallProblem.self) {
      try order(workers, at: 5) { $0.learn(Learn(point: "pump/de", action: .start), &$1) }
    }
    #expect(learned?.reason == "it has learned already")
  }

  @Test(
    "a baseline that is forgotten is learned anew, though somebody had stopped the learning before", arguments: [true, false])
  func resetEndsAStop(byMaintenance: Bool) throws {
    let workers = try inAlarm()
    _ = try order(workers, at: 2) { $0.learn(Learn(point: "pump/de", action: .stop), &$1) }
    #expect(!workers.mayLearn(Self.drive))
    let (reply, change) = try order(workers, at: 3) { workers, occasion in
      byMaintenance
        ? workers.maintain(Maintain(point: "pump/de", note: "new bearing", resetBaseline: true), &occasion)
        : workers.learn(Learn(point: "pump/de", action: .reset), &occasion)
    }
    #expect(workers.mayLearn(Self.drive) && reply.baseline.stoppedBy == nil)
    #expect(change.people.learningStops[Self.drive] == .some(nil))
  }

  @Test("a point that is configured to learn nothing says so when it is told to start")
  func nothingToLearn() throws {
    let workers = try inAlarm()
    let problem = #expect(throws: CallProblem.self) {
      try order(workers, at: 2) { $0.learn(Learn(point: "pump/de", action: .start), &$1) }
    }
    #expect(problem?.reason == "it is configured to learn nothing")
  }

  @Test("orders that wait when the daemon stops are answered so, and so are later ones")
  func closing() async {
    let (orders, order) = AsyncStream<Void>.makeStream()
    let desk = Desk { order.yield() }
    let early = Task { await desk.ask("ack") { _, _, _ in Result<Int, CallProblem>.success(1) } }
    var first = orders.makeAsyncIterator()
    await first.next()
    desk.close()
    #expect(await early.value == .failure(.stopping("call")))
    #expect(await desk.ask("ack") { _, _, _ in Result<Int, CallProblem>.success(1) } == .failure(.stopping("ack")))
  }
}
