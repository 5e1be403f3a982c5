import Anomaly
import Contracts
import Signal
import Testing

@testable import Agent

/// Precision and recall as people's words make them, and what a name may do to the figures.
@Suite("Figures") struct FiguresTests {
  private func row(_ subject: String, _ word: Label.Word, at seconds: Double = 50) -> LabelRow {
    LabelRow(subject: subject, label: word, fault: nil, note: nil, by: "anna", at: UnixTime(seconds: seconds))
  }

  private func alarm(_ machine: String, from: Double, to: Double?) -> Alarm {
    Alarm(
      id: "\(machine)#1", machine: machine, state: .closed, priority: .alarm, members: [PointID(machine: machine, point: "de")],
      raisedAt: UnixTime(seconds: from), changedAt: UnixTime(seconds: from), clearedAt: to.map { UnixTime(seconds: $0) },
      explanation: .standing(PointState()))
  }

  private func figures(_ rows: [LabelRow], _ alarms: [Alarm] = []) -> LabelFigures {
    LabelFigures(Dictionary(rows.map { ($0.subject, $0) }) { $1 }, alarms)
  }

  @Test("without labels nothing is known")
  func none() {
    let none = figures([])
    #expect(none.precision == nil && none.recall == nil && none.f1 == nil)
  }

  @Test("three alarms right, one wrong, one fault missed, one unsure: 3/4, 3/4, 3/4")
  func counted() {
    let some = figures([
      row("a#1", .bad), row("b#1", .bad), row("c#1", .bad), row("d#1", .good), row("e/de", .bad), row("f#1", .unsure),
      row("g/de", .good),
    ])
    #expect(some.precision == 0.75 && some.recall == 0.75 && some.f1 == 0.75)
  }

  @Test("a point labelled bad while an alarm had it was not missed; before and after, it was")
  func during() {
    let alarms = [alarm("pump", from: 40, to: 60)]
    #expect(figures([row("a#1", .bad), row("pump/de", .bad, at: 50)], alarms).recall == 1)
    #expect(figures([row("a#1", .bad), row("pump/de", .bad, at: 30)], alarms).recall == 0.5)
    #expect(figures([row("a#1", .bad), row("pump/de", .bad, at: 70)], alarms).recall == 0.5)
    #expect(figures([row("a#1", .bad), row("fan/de", .bad, at: 50)], alarms).recall == 0.5)
  }

  @Test("buckets are cumulative and end with all; a value that is not known is left out; what a topic brings stays in its label")
  func text() {
    var out = OpenMetrics()
    out.histogram("t_seconds", "Time.", unit: "seconds", bounds: [0.1, 1], counts: [2, 3, 4], sum: 9.5)
    out.family("p", .gauge, "Points.", [([("machine", "a\"b\\c\nd")], 1), ([("machine", "x")], nil)])
    out.gauge("unknown", "Not there.", nil)
    #expect(
      out.end() == """
        # TYPE t_seconds histogram
        # UNIT t_seconds seconds
        # HELP t_seconds Time.
        t_seconds_bucket{le="0.1"} 2
        t_seconds_bucket{le="1.0"} 5
        t_seconds_bucket{le="+Inf"} 9
        t_seconds_count 9
        t_seconds_sum 9.5
        # TYPE p gauge
        # HELP p Points.
        p{machine="a\\"b\\\\c\\nd"} 1
        # EOF

        """)
  }

  @Test("each time falls into its bucket, bounds included")
  func times() {
    let times = VerdictTimes()
    times.note([0.0005, 0.001, 0.0011, 11])
    let counts = times.now
    #expect(counts.frames.first == 2 && counts.frames[1] == 1 && counts.frames.last == 1)
    #expect(counts.frames.reduce(0, +) == 4)
  }

  @Test("drift is counted by kind, and each point's largest figures stand beside its name, where there was a look")
  func drift() throws {
    func point(_ machine: String, _ kind: DriftKind?) -> StatusReport.Point {
      var watch = WatchSummary(falseAlarmsPerMonth: 2, decisionSeconds: 60, budgetSupported: true, progress: 1)
      watch.drift = kind
      return StatusReport.Point(
        machine: machine, point: "de", verdict: "normal", isoZone: nil, velocityRmsMmS: nil, probability: nil,
        uncalibrated: false,
        model: nil, stage: nil, baseline: .init(state: "ready", progress: 1), operatingState: "steady", lastFrameAt: nil,
        ledger: LedgerReport(Ledger()), drift: .init(watch))
    }
    var out = OpenMetrics()
    MetricsFigures.drift(
      [point("fan", .sensor), point("pump", nil)], [PointID(machine: "fan", point: "de"): DriftFigures(psi: 0.5, ks: 0.25)], &out)
    let text = out.end()
    #expect(
      text.contains(#"thrum_points_drifting{kind="sensor"} 1"#) && text.contains(#"thrum_points_drifting{kind="slow_wear"} 0"#))
    #expect(text.contains(#"thrum_point_drift_psi{machine="fan",point="de"} 0.5"#))
    #expect(text.contains(#"thrum_point_drift_ks{machine="fan",point="de"} 0.25"#) && !text.contains(#"machine="pump""#))
  }
}
