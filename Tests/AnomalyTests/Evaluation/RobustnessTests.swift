import Signal
import Simulator
import Testing

@testable import Anomaly

/// Two points of a machine that does not exist, one of them at another speed.
@Suite("Robustness of an evaluation")
struct RobustnessTests {
  private func row(_ group: String, _ role: EvaluationRow.Role, _ fault: MachineSimulator.Fault, rpm: Double, seed: UInt64)
    -> EvaluationRow
  {
    var machine = MachineSimulator.Machine()
    machine.sampleRateHz = 8192
    machine.shaftHz = rpm / 60
    var simulator = MachineSimulator(fault: fault, machine: machine, seed: seed)
    let samples = simulator.next(role == .baseline ? 32_768 : 8192).samples
    let stretch = RecordedStretch(snapshots: [samples], unit: .gravity, sampleRateHz: 8192)
    let label = fault == .none ? "healthy" : "outer"
    return EvaluationRow(file: "\(group)\(seed)", dataSet: "d", group: group, role: role, label: label, stretch: stretch)
  }

  private func evaluation(groups: [String] = ["a", "b"]) -> Evaluation {
    var settings = EvaluationSettings()
    (settings.windowSamples, settings.isRobustness) = (1024, true)
    let rows = groups.enumerated().flatMap { index, group in
      let rpm = 1500.0 * Double(index + 1)
      return [
        row(group, .baseline, .none, rpm: rpm, seed: 1), row(group, .test, .none, rpm: rpm, seed: 2),
        row(group, .test, .outer, rpm: rpm, seed: 3),
      ]
    }
    return Evaluation(of: rows, settings)
  }

  @Test("every disturbance is counted over all tests; points that are given each other's signals too")
  func disturbed() throws {
    let rows = try #require(evaluation().robustness)
    #expect(rows.map(\.disturbance) == Disturbance.all.map(\.name) + ["channels_swapped"])
    #expect(rows.allSatisfy { $0.faultRecordings == 2 && $0.healthyRecordings == 2 })
    let plain = try #require(rows.first)
    #expect(plain.detected == 2 && plain.falseAlarms == 0 && plain.windows == 4 * 15 && plain.refusedFrames == 0)
  }

  @Test("another machine's signal takes another point; with one point there is none")
  func strange() throws {
    let rows = try #require(evaluation().strangeInput)
    #expect(rows.map(\.input) == ["none", "sensor_dead", "sensor_unplugged", "other_machine", "half_the_speed", "gain_doubled"])
    for row in rows {
      #expect(row.recordings == 2 && row.standing.values.reduce(0, +) == 2, "\(row.input)")
      #expect(row.windows == row.normalWindows + row.alarmWindows + row.abstainedWindows, "\(row.input)")
    }
    let dead = rows[1]
    #expect(dead.windows == 0 && dead.refusedFrames["stuck"] ?? 0 > 0 && dead.standing == ["abstain: sensor_fault": 2])
    #expect(try #require(evaluation(groups: ["a"]).strangeInput).contains { $0.input == "other_machine" } == false)
    #expect(try #require(evaluation(groups: ["a"]).robustness).count == Disturbance.all.count)
  }

  @Test("every budget is tried on the same windows, and two runs give the same tables")
  func evasion() throws {
    let (first, second) = (evaluation(), evaluation())
    let rows = try #require(first.evasion)
    #expect(Set(rows.map(\.windows)).count == 1 && rows.allSatisfy { $0.evaded <= $0.windows })
    #expect(rows.map(\.evaded) == second.evasion?.map(\.evaded))
    #expect(first.robustness?.map(\.falseAlarms) == second.robustness?.map(\.falseAlarms))
    #expect(first.strangeInput?.map(\.standing) == second.strangeInput?.map(\.standing))
  }

  @Test("nothing of it is done unless it is asked for")
  func unasked() {
    let plain = Evaluation(of: [row("a", .baseline, .none, rpm: 1500, seed: 1)], EvaluationSettings())
    #expect(plain.robustness == nil && plain.strangeInput == nil && plain.evasion == nil)
  }
}
