import Contracts

/// Points that say nothing, lose frames, or do not add up.
enum PointsCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let points = try? patient.report.get().points else { return [] }
    guard !points.isEmpty else {
      return [
        .warning("points", "no point has sent anything yet", remedy: "compare [[source]] topic with what the sensors publish")
      ]
    }
    let findings = points.flatMap(examine)
    return findings.isEmpty ? [.ok("points", "\(points.count) points, every ledger adds up")] : findings
  }

  private static func examine(_ point: StatusReport.Point) -> [Finding] {
    let name = "\(point.machine)/\(point.point)"
    return [
      ledger(point.ledger, name), quarantine(point.ledger, name), missing(point.ledger, name), silence(point, name),
      drift(point, name),
    ]
    .compactMap { $0 }
  }

  private static func ledger(_ counts: LedgerReport, _ name: String) -> Finding? {
    let sum = counts.analysed + counts.pending + counts.quarantined + counts.duplicate + counts.dropped
    guard counts.received != sum else { return nil }
    return .error(
      "points", "\(name): received \(counts.received), accounted for \(sum)", remedy: "a defect of Thrum: please report it")
  }

  private static func quarantine(_ counts: LedgerReport, _ name: String) -> Finding? {
    guard counts.quarantined * 100 > counts.received else { return nil }
    let reasons = counts.quarantinedBy.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    let words = "\(name): \(counts.quarantined) of \(counts.received) frames could not be used: \(reasons)"
    return .warning("points", words, remedy: "look at the sensor, and at payload, unit and sample_rate_hz of its [[source]]")
  }

  private static func missing(_ counts: LedgerReport, _ name: String) -> Finding? {
    guard counts.missing > 0 else { return nil }
    let remedy = "look at the sensor's link and at the broker's queue limits"
    return .warning("points", "\(name): \(counts.missing) frames were lost before they reached this gateway", remedy: remedy)
  }

  private static func drift(_ point: StatusReport.Point, _ name: String) -> Finding? {
    guard let drift = point.drift else { return nil }
    let remedy =
      drift.relearnWanted
      ? "look at the machine; if it is well: thrum learn \(name) reset" : "look at the sensor, its mounting and its gain"
    return .warning("points", "\(name): \(drift.kind): \(drift.words ?? "")", remedy: remedy)
  }

  private static func silence(_ point: StatusReport.Point, _ name: String) -> Finding? {
    guard point.reason == "stale" else { return nil }
    return .warning("points", "\(name): silent since \(point.lastFrameAt ?? "ever")", remedy: "look at the sensor and its power")
  }
}
