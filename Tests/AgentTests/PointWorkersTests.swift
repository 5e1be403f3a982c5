import Anomaly
import Configuration
import Signal
import TestSupport
import Testing

@testable import Agent
@testable import MQTT
@testable import Store

/// From a batch of messages to one change for the store.
@Suite struct PointWorkersTests {
  private static let configuration = """
    [[source]]
    topic = 'plant/{machine}/{point}'
    payload = 'f32le'
    unit = 'm/s2'
    sample_rate_hz = 2560
    window_samples = 256
    overlap = 0
    baseline_windows = 0
    header_bytes = 4
    sequence_at = 0

    """

  /// - Parameter machines: those with a severity class.
  private func workers(
    _ count: Int = 1, machines: [String] = [], maxPoints: Int = 100, hadSession: Bool = false,
    restored: [RestoredState.Point] = [], configuration: String = Self.configuration
  ) throws -> PointWorkers {
    let machines = machines.map { "[[machine]]\nname = '\($0)'\nseverity = 'iso20816-3/group2/rigid'\n" }.joined()
    let config = try ConfigFile.parse([("thrum.toml", configuration + machines)])
    let book = PointSettingsBook(config)
    return PointWorkers(
      (0..<count).map { _ in PointWorker(settings: book) }, learner: Learner {}, routes: try Routes(config.sources),
      restored: RestoredState(points: restored, alarms: [], ring: RedeliveryRing(name: "test"), hadSession: hadSession),
      broker: "mqtt://test", maxPoints: maxPoints)
  }

  private static func message(_ topic: String, _ sequence: Int, amplitude: Float = 1, redelivered: Bool = false) -> Message {
    var random = UInt64(sequence) &* 0x9E37_79B9_7F4A_7C15 | 1
    let samples = (0..<256).map { index in
      random ^= random << 13; random ^= random >> 7; random ^= random << 17
      return amplitude * Float(index % 16 < 8 ? 1 : -1) + Float(random % 1000) / 1e4
    }
    let payload = ([Float(bitPattern: UInt32(sequence))] + samples).flatMap { sample in
      withUnsafeBytes(of: sample.bitPattern.littleEndian) { Array($0) }
    }
    return Message(topic: topic, payload: payload, isRedelivered: redelivered, messageID: UInt16(sequence))
  }

  private func batch(_ messages: [Message], _ notices: [SessionNotice] = []) -> Batch {
    var batch = Batch()
    batch.messages = messages
    batch.notices = notices
    return batch
  }

  @Test("many workers at once and one worker frame by frame come to the same", arguments: [2, 3, 8])
  func parallel(count: Int) throws {
    let machines = (0..<10).map { "m\($0)" }
    let messages = (1...40).flatMap { sequence in
      machines.enumerated().map { index, machine in
        Self.message("plant/\(machine)/de", sequence, amplitude: index % 3 == 0 ? 20 : 0.5)
      }
    }
    let (fast, slow) = (try workers(count, machines: machines), try workers(machines: machines))
    var (quick, obvious) = (Summary(), Summary())
    for start in stride(from: 0, to: messages.count, by: 50) {
      quick.take(fast.take(batch(Array(messages[start..<start + 50])), at: .now()))
    }
    for message in messages { obvious.take(slow.take(batch([message]), at: .now())) }
    #expect(quick.ledgers == obvious.ledgers)
    #expect(quick.ledgers.count == 10)
    #expect(quick.verdicts == obvious.verdicts)
    #expect(quick.verdicts.values.contains(.alarm))
    #expect(quick.raised == obvious.raised, "in order of arrival")
    #expect(quick.raised.count >= 4)
  }

  /// What several changes come to.
  private struct Summary {
    var ledgers: [PointID: Ledger] = [:]
    var verdicts: [PointID: Verdict] = [:]
    var raised: [String] = []

    mutating func take(_ change: Change) {
      for outcome in change.points {
        ledgers[outcome.point, default: Ledger()] += outcome.ledger
        verdicts[outcome.point] = outcome.state.verdict
      }
      raised += change.points.flatMap(\.occurrences).sorted { $0.arrival < $1.arrival }.map(\.subject)
    }
  }

  @Test("what belongs to no point is counted under unassigned, by reason")
  func unassigned() throws {
    let change = try workers(maxPoints: 1).take(
      batch([
        Self.message("plant/a/de", 1), Self.message("plant/b/de", 1), Self.message("elsewhere", 1), Self.message("plant//de", 1),
      ]), at: .now())
    #expect(change.points.map(\.point.machine) == ["a"])
    #expect(change.unassigned.received == 3)
    #expect(change.unassigned.quarantined == [.tooManyPoints: 1, .noSource: 1, .invalidName: 1])
  }

  @Test("what the broker delivers again is a duplicate only if it was taken before")
  func redelivered() throws {
    let workers = try workers()
    _ = workers.take(batch([Self.message("plant/a/de", 1)], [.connected(sessionPresent: false)]), at: .now())
    let again =
      [1, 2].map { Self.message("plant/a/de", $0, redelivered: true) } + [Self.message("nowhere", 1, redelivered: true)]
    let change = workers.take(batch(again, [.connected(sessionPresent: true)]), at: .now())
    #expect(change.points.first?.ledger.received == 2)
    #expect(change.points.first?.ledger.duplicate == 1)
    #expect(change.points.first?.ledger.analysed == 1)
    let third = workers.take(
      batch([Self.message("nowhere", 1, redelivered: true)], [.connected(sessionPresent: true)]), at: .now())
    #expect(third.unassigned.duplicate == 1)
  }

  @Test("a session that the broker has lost is told, a first one and a kept one are not")
  func sessionLost() throws {
    func told(_ workers: PointWorkers, sessionPresent: Bool) -> Bool {
      !workers.take(batch([], [.connected(sessionPresent: sessionPresent)]), at: .now()).occurrences.isEmpty
    }
    let new = try workers()
    #expect(!told(new, sessionPresent: false))
    #expect(!told(new, sessionPresent: true))
    #expect(told(new, sessionPresent: false))
    #expect(told(try workers(hadSession: true), sessionPresent: false))
  }

  @Test("frames that waited in a half-filled window when the process ended are booked as dropped, once")
  func restart() throws {
    var state = PointState()
    state.pendingFrames = 3
    let id = PointID(machine: "a", point: "de")
    let workers = try workers(restored: [.init(id: id, point: RestoredPoint(state: state))])
    let first = workers.takeRestart()
    #expect(first.points.map(\.ledger.pending) == [-3])
    #expect(first.points.map(\.ledger.dropped) == [[.restart: 3]])
    #expect(workers.takeRestart().isEmpty)
    let next = workers.take(batch([Self.message("plant/a/de", 1)]), at: .now())
    #expect(next.points.first?.ledger.droppedTotal == 0)
  }

  @Test("a message of two channels is a frame of two points; points beyond max_points are unassigned, frame by frame")
  func channels() throws {
    let text = Self.configuration.replacing("window_samples = 256", with: "window_samples = 256\nchannels = ['x', 'y']")
    func ledgers(_ maxPoints: Int, _ messages: [Message]) throws -> (points: [Ledger], unassigned: Ledger) {
      let change = try workers(maxPoints: maxPoints, configuration: text).take(
        batch(messages, [.connected(sessionPresent: false)]), at: .now())
      return (change.points.map(\.ledger), change.unassigned)
    }
    var broken = Self.message("plant/a/de", 3)
    broken.payload.removeLast(4)
    let messages = [1, 2, 2].map { Self.message("plant/a/de", $0) } + [broken]
    let both = try ledgers(2, messages)
    #expect(both.points.count == 2 && both.unassigned.received == 0)
    for ledger in both.points {
      #expect(ledger.received == 4 && ledger.analysed == 2 && ledger.duplicate == 1 && ledger.quarantined == [.wrongLength: 1])
    }
    let one = try ledgers(1, messages)
    #expect(one.points.map(\.received) == [4] && one.unassigned.quarantined == [.tooManyPoints: 4])
    #expect(one.unassigned.balances)
  }

  private static let withSpeed =
    configuration + """
      [[source]]
      topic = 'speed/{machine}'
      point = 'shaft'
      payload = 'json'
      quantity = 'speed'
      unit = 'rpm'

      """

  private static let machine = """
    [[machine]]
    name = 'a'
    severity = 'iso20816-3/group2/rigid'
    [[machine.point]]
    name = 'de'
    bearing = '6205'

    """

  private static func rpm(_ text: String, _ id: UInt16) -> Message {
    Message(topic: "speed/a", payload: Array(text.utf8), isRedelivered: false, messageID: id)
  }

  @Test("a frame is judged with the speed that its machine told last, however many workers there are", arguments: [1, 3, 8])
  func speed(count: Int) throws {
    func words(_ first: [Message]) throws -> String {
      let workers = try workers(count, configuration: Self.withSpeed + Self.machine)
      let frames = (1...40).map { Self.message("plant/a/de", $0, amplitude: 20) }
      let change = workers.take(batch(first + frames), at: UnixTime(seconds: 1000))
      return change.points.flatMap(\.alarms).last?.explanation.words ?? ""
    }
    #expect(try words([]).contains("The shaft speed is not known"))
    #expect(try !words([Self.rpm("1485", 900)]).contains("The shaft speed is not known"))
    #expect(try words([Self.rpm("fast", 900)]).contains("The shaft speed is not known"))
  }

  @Test("a scalar's message is counted at its own point: analysed, duplicate, quarantined")
  func scalar() throws {
    let workers = try workers(configuration: Self.withSpeed)
    let change = workers.take(
      batch(
        [Self.rpm("1485", 1), Self.rpm("1e9", 2), Self.rpm("-", 3), Self.rpm("1486", 4)], [.connected(sessionPresent: false)]),
      at: .now())
    let ledger = try #require(change.points.first?.ledger)
    #expect(change.points.map(\.point.description) == ["a/shaft"])
    #expect(ledger.received == 4 && ledger.analysed == 2 && ledger.quarantined == [.range: 1, .malformed: 1])
  }

  @Test("a waveform for a point that is a scalar is quarantined, and the other way round")
  func mixed() throws {
    let text = Self.withSpeed.replacing("topic = 'speed/{machine}'\npoint = 'shaft'", with: "topic = 'speed/{machine}/{point}'")
    var rpm = Self.rpm("1485", 1)
    rpm.topic = "speed/a/de"
    let change = try workers(configuration: text).take(batch([rpm, Self.message("plant/a/de", 2)]), at: .now())
    #expect(change.points.first?.ledger.analysed == 1)
    #expect(change.points.first?.ledger.quarantined == [.wrongUnit: 1])
  }

  @Test("a point whose sensor is silent since Thrum started is stale, where it is clear what source promises an interval")
  func silentSinceStart() throws {
    var state = PointState()
    state.verdict = .normal
    let restored = ["de", "other"].map {
      RestoredState.Point(id: PointID(machine: "a", point: $0), point: RestoredPoint(state: state))
    }
    let text = Self.configuration.replacing("{point}'", with: "de'\npoint = 'de'\nexpected_interval_s = 10")
    let workers = try workers(restored: restored, configuration: text)
    #expect(workers.take(batch([]), at: UnixTime(seconds: 100)).points.isEmpty)
    #expect(workers.take(batch([]), at: UnixTime(seconds: 115)).points.isEmpty)
    let change = workers.take(batch([]), at: UnixTime(seconds: 116))
    #expect(change.points.map(\.point.point) == ["de"] && change.points.first?.state.verdict == .abstain(.stale))
    #expect(workers.take(batch([]), at: UnixTime(seconds: 200)).points.isEmpty)
  }
}
