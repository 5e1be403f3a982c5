import Testing

@testable import Anomaly

@Suite("Figures of a data set")
struct DataSetFiguresTests {
  private func result(_ role: String, _ label: String = "x", _ change: (inout RecordingResult) -> Void) -> RecordingResult {
    var result = RecordingResult(file: "f", dataSet: "d", group: "g", role: role, label: label)
    change(&result)
    return result
  }

  private func life(_ seconds: Double, _ alarms: [[Double?]]) -> RecordingResult {
    result("run") { ($0.alarms, $0.lifeSeconds) = (alarms, seconds) }
  }

  /// Leads: 5000 s, 600 s, 599 s, none, none.
  @Test("lives: what stands at the end, since when, what came too early, what went")
  func lives() {
    let figures = DataSetFigures(
      "d", baselines: [60, 60, 60, 60, 60],
      [
        life(10_000, [[5000, nil]]), life(10_000, [[2499, 3000], [9400, nil]]), life(10_000, [[2500, 2600], [9401, nil]]),
        life(10_000, [[9000, 9900]]), life(10_000, []),
      ])
    #expect(figures.lives == 5 && figures.standingAtEnd == 3 && figures.lead_10min == 2)
    #expect(figures.early == 1 && figures.cleared == 3)
    #expect(figures.medianLeadH == 600.0 / 3600)
    #expect(figures.points == 5 && figures.baselineWindows == 300)
    #expect(figures.faultRecordings == nil && figures.f1 == nil && figures.windows == nil)
  }

  @Test("an alarm stands until something normal is said: what is not decided changes nothing")
  func undecided() {
    var times = AlarmTimes()
    let verdicts: [Verdict] = [
      .abstain(.noData), .normal, .warning, .abstain(.sensorFault), .suppressed(.stopped), .alarm, .normal, .abstain(.stale),
      .alarm,
      .abstain(.sensorFault),
    ]
    for (index, verdict) in verdicts.enumerated() { times.take(Double(index), verdict) }
    #expect(times.alarms == [[2, 6], [8, nil]] && times.endSeconds == 9)
  }

  @Test("labels of the other half mend probabilities that are wrong in one sense, over the rows of tables too")
  func labelledError() throws {
    // Six in ten of what is called certain is a fault; nothing of what is called doubtful is.
    let table = result("test") {
      $0.rows = RowCounts()
      $0.rowProbabilities = (0..<400).map { ($0 % 2 == 0 ? 0.99 : 0.4, $0 % 10 < 6 && $0 % 2 == 0) }
    }
    let figures = DataSetFigures("d", baselines: [60], [table])
    let (plain, labelled) = (try #require(figures.expectedCalibrationError), try #require(figures.labelledCalibrationError))
    #expect(plain > 0.3 && labelled < plain / 2, "\(plain) \(labelled)")
  }

  @Test("lives that end without an alarm have no median lead")
  func noLead() {
    let figures = DataSetFigures("d", baselines: [60], [life(1000, [])])
    #expect(figures.standingAtEnd == 0 && figures.lead_10min == 0 && figures.medianLeadH == nil)
  }

  @Test("of another machine's windows those count that abstain as out of distribution, not for another reason")
  func shift() {
    let shifted = result("shift", "healthy") {
      $0.windows = 10
      $0.reasons = ["out_of_distribution": 7, "sensor_fault": 2]
    }
    let figures = DataSetFigures("d", baselines: [60], [shifted, shifted])
    #expect(figures.windows == 20 && figures.outOfDistribution == 14)
    #expect(figures.healthyRecordings == nil && figures.falseAlarms == nil)
  }

  @Test("precision and recall count recordings; what does not apply is left out")
  func precision() {
    func test(_ label: String, _ verdict: String) -> RecordingResult { result("test", label) { $0.verdict = verdict } }
    let figures = DataSetFigures(
      "d", baselines: [60],
      [
        test("outer", "alarm"), test("inner", "warning"), test("ball", "normal"), test("ball", "abstain"),
        test("healthy", "alarm"),
      ])
    #expect(figures.precision == 2.0 / 3 && figures.recall == 0.5)
    let quiet = DataSetFigures("d", baselines: [60], [test("healthy", "normal")])
    #expect(quiet.precision == nil && quiet.recall == nil && quiet.falseAlarms == 0)
  }

  @Test("tables are pooled by rows, not averaged by table")
  func tables() throws {
    func table(_ hits: Int, _ misses: Int, _ falseAlarms: Int, _ quiet: Int) -> RecordingResult {
      var rows = RowCounts()
      (rows.hits, rows.misses, rows.falseAlarms, rows.quiet) = (hits, misses, falseAlarms, quiet)
      return result("test") { ($0.rows, $0.verdict) = (rows, "alarm") }
    }
    let figures = DataSetFigures("d", baselines: [391], [table(90, 10, 0, 100), table(0, 300, 100, 100)])
    #expect(figures.f1 == 180.0 / 590)
    #expect(figures.falseAlarmRatePct == 100.0 / 3 && figures.missedAlarmRatePct == 77.5)
    #expect(figures.precision == 90.0 / 190 && figures.recall == 0.225)
    #expect(figures.faultRecordings == nil)
  }
}
