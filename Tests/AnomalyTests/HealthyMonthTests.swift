import Foundation
import Recordings
import Signal
import Testing

@testable import Anomaly

@Suite(
  "A healthy month",
  .enabled(if: ProcessInfo.processInfo.environment["THRUM_TESTS"] == "all", "slow; THRUM_TESTS=all runs it"))
struct HealthyMonthTests {
  private static let seeds = 20

  @Test("alarms a month lie within a factor of two of what is allowed", arguments: [2.0, 10, 40])
  func budget(perMonth: Double) throws {
    for (name, life) in try Self.lives() {
      var (alarms, slow, days) = ([Int](), 0, [Int]())
      for seed in 0..<Self.seeds {
        let found = Self.month(life, FalseAlarmBudget(ofMachine: perMonth), seed: UInt64(seed))
        alarms.append(found.alarms)
        slow += found.slowAlarms
        days.append(found.calibrationDays)
      }
      let mean = Double(alarms.reduce(0, +)) / Double(Self.seeds)
      print(
        "\(name), \(perMonth) a month: \(mean) (\(Double(slow) / Double(Self.seeds)) by the budget's limit), "
          + "seeds \(alarms.sorted()), calibrated after \(days.min() ?? 0) to \(days.max() ?? 0) days")
      #expect(mean >= perMonth / 2 && mean <= perMonth * 2)
      #expect(days.allSatisfy { $0 <= 90 })
    }
  }

  @Test("a week of starts and stops, a snapshot a minute: no alarm, nothing for a person to look at")
  func startsAndStops() throws {
    guard let manifest = RecordedData.manifest(in: RecordedData.downloaded) else { return }
    let recordings = try manifest.rows.filter(\.isHealthy).flatMap { try manifest.snapshots(of: $0) }
    for seed in 0..<3 {
      var week = WeekOfStops(recordings, seed: UInt64(seed))
      let found = week.run(days: 7)
      print("a week of \(found.stops) stops: \(found.alarms) alarms, \(found.abstentions) windows for review of \(found.windows)")
      #expect(found.stops > 40 && found.windows > 9000)
      #expect(found.alarms == 0)
      #expect(found.abstentions == 0)
    }
  }

  /// Alarms of thirty days after the budget is supported.
  private static func month(
    _ life: HealthyLife, _ budget: FalseAlarmBudget, seed: UInt64
  ) -> (alarms: Int, slowAlarms: Int, calibrationDays: Int) {
    var (point, random) = (JudgedPoint(budget), SplitMix64(seed: seed))
    let (calibrating, judged) = life.parted(&random)
    var days = 0
    while !point.watch.isSupported, days < 120 {
      life.run(days: 1, calibrating, from: UnixTime(seconds: 86_400 * Double(days)), &random) { point.take($0, at: $1) }
      days += 1
    }
    (point.alarms, point.slowAlarms) = (0, 0)
    life.run(days: 30, judged, from: UnixTime(seconds: 86_400 * Double(days)), &random) { point.take($0, at: $1) }
    return (point.alarms, point.slowAlarms, days)
  }

  /// The sets of healthy recordings that are at hand.
  private static func lives() throws -> [(String, HealthyLife)] {
    var lives: [(String, HealthyLife)] = []
    if let manifest = RecordedData.manifest(in: RecordedData.downloaded) {
      let rows = manifest.rows.filter(\.isHealthy)
      let recordings = try rows.flatMap { try manifest.snapshots(of: $0) }
      lives.append(("MFPT", try HealthyLife(recordings, unit: .gravity, rateHz: rows[0].sampleRateHz)))
    }
    if let manifest = RecordedData.manifest(in: RecordedData.development),
      let row = manifest.rows.first(where: { $0.file.hasSuffix("Bearing1_1_base.i16") })
    {
      // What comes before a quarter of the life counts as healthy (`early` of an evaluation), in four stretches.
      let run = try manifest.rows.filter { $0.group == row.group && $0.role == .run }.flatMap { try manifest.snapshots(of: $0) }
      let healthy = try manifest.snapshots(of: row) + run.prefix(run.count / 4)
      let stretches = stride(from: 0, to: healthy.count, by: healthy.count / 4).map {
        healthy[$0..<min(healthy.count, $0 + healthy.count / 4)].flatMap { $0 }
      }
      let life = try HealthyLife(stretches.filter { $0.count > 9 * 2560 }, unit: .gravity, rateHz: row.sampleRateHz)
      lives.append(("PRONOSTIA 1_1", life))
    }
    return lives
  }
}

/// What a point decides of windows' scores, without the samples: debounced score and budget.
private struct JudgedPoint {
  var watch: BudgetWatch
  var alarms = 0
  var slowAlarms = 0
  private var debounce = Debounce()
  private var fast = Verdict.normal
  private var standing = false

  init(_ budget: FalseAlarmBudget) { watch = BudgetWatch(budget) }

  mutating func take(_ score: Score, at time: UnixTime) {
    let verdict = score.verdict(limit: watch.burstLimit)
    debounce.push(verdict)
    // Snapshots with pauses between them: four of five.
    let settings = DebounceSettings(raise: 4)
    fast = debounce.verdict(after: fast, settings)
    _ = watch.take(score, at: time, isObjected: fast == .alarm, mayLearn: true, debounce: settings)
    let stands = fast.priority != nil || watch.isRaised
    if stands, !standing {
      alarms += 1
      slowAlarms += fast.priority == nil ? 1 : 0
    }
    standing = stands
  }
}

/// A machine that runs for two hours and stands for one, at another length each time. A snapshot may fall into its running up or down.
private struct WeekOfStops {
  private let recordings: [[Float]]
  private var random: SplitMix64
  private let pipeline: PointPipeline
  private var sequence: UInt64 = 0
  private static let samples = 4096

  init(_ recordings: [[Float]], seed: UInt64) {
    (self.recordings, random) = (recordings, SplitMix64(seed: seed))
    var settings = PointSettings()
    settings.windowSamples = Self.samples
    settings.expectedIntervalSeconds = 60
    settings.baselineWindows = 200
    pipeline = PointPipeline(point: Bench.point, settings: settings, analyzers: Analyzers())
  }

  mutating func run(days: Int) -> (stops: Int, alarms: Int, abstentions: Int, windows: Int) {
    var (stops, alarms, abstentions, windows) = (0, 0, 0, 0)
    for _ in 0..<260 { _ = take(level: 1) }
    let end = sequence + UInt64(days * 1440)
    while sequence < end {
      stops += 1
      var levels = [Double](repeating: 1, count: 60 + random.index(below: 120))
      if random.index(below: 2) == 0 { levels += [0.2 + 0.6 * random.uniform()] }
      levels += [Double](repeating: 0.01, count: 30 + random.index(below: 60))
      if random.index(below: 2) == 0 { levels += [0.2 + 0.6 * random.uniform()] }
      for level in levels {
        let verdict = take(level: level)
        windows += 1
        alarms += verdict.priority == nil ? 0 : 1
        if case .abstain = verdict { abstentions += 1 }
      }
    }
    return (stops, alarms, abstentions, windows)
  }

  private mutating func take(level: Double) -> Verdict {
    let recording = recordings[random.index(below: recordings.count)]
    let start = random.index(below: recording.count - Self.samples)
    let part = recording[start..<start + Self.samples].map { $0 * Float(level) }
    let time = UnixTime(seconds: 60 * Double(sequence))
    let frame = Frame(
      samples: part, unit: .gravity, sampleRateHz: 24_414, startTime: time, sequence: sequence, receivedAt: time,
      sampleDigest: part.withUnsafeBytes { Digest64.of($0) })
    sequence += 1
    var outcome = pipeline.begin()
    pipeline.take(frame, arrival: 0, into: &outcome)
    if let job = pipeline.takeTraining() { pipeline.install(job.run(), at: time, into: &outcome) }
    return outcome.state.verdict
  }
}
