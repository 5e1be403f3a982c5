import Contracts
import Terminal

/// One line a point: what it says now, and what became of its frames.
enum PointTable {
  static func rendered(_ points: [StatusReport.Point]) -> String {
    let hasValues = points.contains { $0.latest != nil }
    var table = Table(
      ["point", "verdict", "zone", hasValues ? "mm/s|value" : "mm/s", "prob", "baseline", "frames", "refused", "lost"],
      numbers: [3, 4, 6, 7, 8])
    for point in points.sorted(by: { (rank($0), $0.machine, $0.point) < (rank($1), $1.machine, $1.point) }) {
      table.add([
        .init("\(point.machine)/\(point.point)"), .init(verdict(point), style(point)), .init(point.isoZone ?? "-"),
        .init(point.latest.map { number($0.value, 2) } ?? number(point.velocityRmsMmS, 2)), .init(number(point.probability, 2)),
        .init(baseline(point)),
        .init("\(point.ledger.received)"), .init("\(refused(point))"), .init("\(point.ledger.missing)"),
      ])
    }
    return table.rendered(within: Screen.columns, expendable: expendable(points))
  }

  /// What a narrow screen does without: refusals and losses where there are none, and what `thrum points` and `show` tell too.
  private static func expendable(_ points: [StatusReport.Point]) -> [Int] {
    let none = (points.contains { refused($0) > 0 } ? [] : [7]) + (points.contains { $0.ledger.missing > 0 } ? [] : [8])
    return none + [6, 4]
  }

  /// Frames that came and were not judged, by a rule; `lost` are those that did not come.
  private static func refused(_ point: StatusReport.Point) -> Int { point.ledger.quarantined + point.ledger.dropped }

  /// Worst first.
  private static func rank(_ point: StatusReport.Point) -> Int {
    ["alarm", "warning", "abstain", "normal", "suppressed"].firstIndex(of: point.verdict) ?? 9
  }

  private static func verdict(_ point: StatusReport.Point) -> String {
    point.reason.map { "\(point.verdict): \($0)" } ?? point.verdict + (point.uncalibrated ? " *" : "")
  }

  private static func style(_ point: StatusReport.Point) -> Style? {
    switch point.verdict {
    case "alarm": .bad
    case "warning": .warning
    case "normal": .good
    default: .faint
    }
  }

  /// `budget`: learned; how far the false-alarm budget is from being supported.
  private static func baseline(_ point: StatusReport.Point) -> String {
    if point.drift != nil { return "drift" }
    if let budget = point.budget, !budget.budgetSupported { return "budget \(Int(budget.progress * 100)) %" }
    guard point.baseline.state == "learning" else { return point.baseline.state }
    return (point.baseline.stoppedBy == nil ? "learning" : "stopped") + " \(Int(point.baseline.progress * 100)) %"
  }
}

/// A number as people read it; `-` when unknown.
func number(_ value: Double?, _ digits: Int) -> String {
  guard let value, value.isFinite else { return "-" }
  let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
  let rounded = (abs(value) * scale).rounded()
  guard rounded < 1e15 else { return "\(value)" }
  let whole = Int(rounded) / Int(scale)
  let fraction = String(Int(rounded) % Int(scale))
  let sign = value < 0 && rounded > 0 ? "-" : ""
  return sign + (digits == 0 ? "\(whole)" : "\(whole).\(String(repeating: "0", count: digits - fraction.count))\(fraction)")
}
