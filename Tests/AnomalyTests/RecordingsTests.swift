import Recordings
import Signal
import Testing

@testable import Anomaly

/// Learned from healthy recordings only; nothing looks at a label before it is judged.
@Suite("On real recordings")
struct RealRecordingsTests {
  @Test(
    "MFPT: all 17 faults reach warning or alarm, no healthy recording does",
    arguments: [Plan.demonstration, .killed, .smallWindows])
  func mfpt(plan: Plan) throws {
    guard let manifest = RecordedData.manifest(in: RecordedData.downloaded) else { return }
    let found = try judge(manifest, manifest.rows, plan)
    #expect(found.faults == 17)
    #expect(found.alarmed == 17)
    #expect(found.healthy == 1)
    #expect(found.falseAlarms == 0)
    #expect(found.namedWrong == 0)
    #expect(found.namedRight > 0)
  }

  @Test("CWRU: all 11 faults reach warning or alarm, the healthy test half does not")
  func cwru() throws {
    guard let manifest = RecordedData.manifest(in: RecordedData.development) else { return }
    let rows = manifest.rows.filter { $0.group.hasPrefix("cwru_de") }
    let found = try judge(manifest, rows, .cwru)
    #expect(found.faults == 11)
    #expect(found.alarmed == 11)
    #expect(found.healthy == 1)
    #expect(found.falseAlarms == 0)
  }

  /// How recordings are played and learned from.
  struct Plan: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var windowSamples: Int
    var baselineWindows: Int
    var frameSamples: Int
    /// Frames that never come, as after a kill in the middle of the baseline.
    var lost: Set<UInt64> = []

    static let demonstration = Plan(
      testDescription: "as the demonstration", windowSamples: 8192, baselineWindows: 48, frameSamples: 4096)
    static let killed = Plan(
      testDescription: "frames lost in the baseline", windowSamples: 8192, baselineWindows: 48, frameSamples: 4096,
      lost: [7, 20, 45])
    static let smallWindows = Plan(
      testDescription: "windows of one frame", windowSamples: 4096, baselineWindows: 48, frameSamples: 4096)
    static let cwru = Plan(testDescription: "short recordings", windowSamples: 2048, baselineWindows: 28, frameSamples: 1024)
  }

  struct Findings {
    var faults = 0, alarmed = 0, healthy = 0, falseAlarms = 0, namedRight = 0, namedWrong = 0
    var strangestHealthy = 0.0, weakestFault = Double.infinity
  }

  private func judge(_ manifest: Manifest, _ rows: [Manifest.Row], _ plan: Plan) throws -> Findings {
    let baseline = try rows.filter { $0.role == .baseline }.map { ($0, try manifest.snapshots(of: $0)) }
    var found = Findings()
    for row in rows where row.role == .test {
      var replay = Replay(row.file, Self.settings(row, plan))
      for (row, snapshots) in baseline { replay.play(row, snapshots, plan) }
      #expect(replay.outcome.state.baseline.phase == .ready)
      #expect(replay.worst.priority == nil, "an alarm while healthy, before \(row.file)")
      found.strangestHealthy = max(found.strangestHealthy, replay.scores.max() ?? 0)
      replay.mark()
      replay.play(row, try manifest.snapshots(of: row), plan)
      #expect(replay.outcome.ledger.balances)
      found.add(row, replay)
    }
    print(
      "\(plan.testDescription): strangest healthy window \(found.strangestHealthy), weakest fault (median) \(found.weakestFault)")
    return found
  }

  private static func settings(_ row: Manifest.Row, _ plan: Plan) -> PointSettings {
    var settings = PointSettings()
    settings.windowSamples = plan.windowSamples
    settings.baselineWindows = plan.baselineWindows
    settings.bearing = row.lines.map { BearingMultiples($0) }
    settings.speedRPM = row.speedRPM
    return settings
  }
}

extension RealRecordingsTests.Findings {
  fileprivate mutating func add(_ row: Manifest.Row, _ replay: Replay) {
    let isAlarmed = replay.worst.priority != nil
    if row.isHealthy {
      healthy += 1
      falseAlarms += isAlarmed ? 1 : 0
      strangestHealthy = max(strangestHealthy, replay.scores.max() ?? 0)
    } else {
      faults += 1
      alarmed += isAlarmed ? 1 : 0
      weakestFault = min(weakestFault, replay.scores.sorted()[replay.scores.count / 2])
      name(row, replay)
    }
  }

  private mutating func name(_ row: Manifest.Row, _ replay: Replay) {
    guard let explanation = replay.outcome.changes.last(where: { $0.verdict.priority != nil })?.explanation else { return }
    #expect((1...512).contains(explanation.spectrum?.amplitude.count ?? 0))
    #expect(explanation.contributions.count == 5)
    #expect(explanation.decidedBy == ["model"])
    let words = ["outer": "outer race", "inner": "inner race", "ball": "rolling elements"]
    guard let named = words.first(where: { explanation.words.contains($0.value) }) else { return }
    if named.key == row.label { namedRight += 1 } else { namedWrong += 1 }
  }
}

extension Replay {
  fileprivate mutating func play(_ row: Manifest.Row, _ snapshots: [[Float]], _ plan: RealRecordingsTests.Plan) {
    for samples in snapshots {
      play(samples, unit: row.unit ?? .gravity, rate: row.sampleRateHz, frameSamples: plan.frameSamples) {
        plan.lost.contains($0)
      }
    }
  }
}
