import Contracts

/// Points that say nothing, lose frames, send what cannot be used, or do not add up.
enum PointsCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let points = try? patient.report.get().points else { return [] }
    guard !points.isEmpty else {
      return [
        .warning(
          "points.heard", "no point has sent anything yet", remedy: "compare [[source]] topic with what the sensors publish")
      ]
    }
    return or(points.compactMap(ledger), .ok("points.ledger", "\(counted(points.count, "point")), every ledger adds up"))
      + or(points.compactMap(silence), .ok("points.silent", "none is overdue"))
      + or(points.compactMap(missing), .ok("rate.loss", "no frame was lost before it came here"))
      + or(points.compactMap(duplicates), .ok("rate.duplicates", "no frame came more often than it should"))
      + or(points.compactMap(drift), .ok("points.drift", "none strays from what it learned"))
      + quarantine(points) + [rate(patient)]
  }

  private static func or(_ findings: [Finding], _ otherwise: Finding) -> [Finding] { findings.isEmpty ? [otherwise] : findings }

  private static func rate(_ patient: Patient) -> Finding {
    guard let report = try? patient.report.get(), let rate = BrokerCheck.rate(report) else {
      return .ok("rate.frames", "not known yet")
    }
    return .ok("rate.frames", "\((rate * 10).rounded() / 10) frames/s since the daemon's start, over all points")
  }

  private static func ledger(_ point: StatusReport.Point) -> Finding? {
    let counts = point.ledger
    let sum = counts.analysed + counts.pending + counts.quarantined + counts.duplicate + counts.dropped
    guard counts.received != sum else { return nil }
    return .error(
      "points.ledger", "\(point.name): received \(counts.received), accounted for \(sum)",
      remedy: "a defect of Thrum: please report it, with thrum bundle")
  }

  private static func missing(_ point: StatusReport.Point) -> Finding? {
    guard point.ledger.missing > 0 else { return nil }
    let remedy = "look at the sensor's link and at the broker's queue limits"
    return .warning(
      "rate.loss", "\(point.name): \(point.ledger.missing) frames were lost before they reached this gateway", remedy: remedy)
  }

  private static func drift(_ point: StatusReport.Point) -> Finding? {
    guard let drift = point.drift else { return nil }
    let remedy =
      drift.relearnWanted
      ? "look at the machine; if it is well: thrum learn \(point.name) reset" : "look at the sensor, its mounting and its gain"
    return .warning("points.drift", "\(point.name): \(drift.kind): \(drift.words ?? "")", remedy: remedy)
  }

  private static func duplicates(_ point: StatusReport.Point) -> Finding? {
    guard point.ledger.duplicate * 10 > point.ledger.received else { return nil }
    let words = "\(point.name): \(point.ledger.duplicate) of \(point.ledger.received) frames came twice"
    return .warning("rate.duplicates", words, remedy: "does its publisher send again what the broker has confirmed?")
  }

  private static func silence(_ point: StatusReport.Point) -> Finding? {
    guard point.reason == "stale" else { return nil }
    return .warning(
      "points.silent", "\(point.name): silent since \(point.lastFrameAt ?? "ever")", remedy: "look at the sensor and its power")
  }

  // MARK: what cannot be used

  private static func quarantine(_ points: [StatusReport.Point]) -> [Finding] {
    let findings = points.filter { $0.ledger.quarantined * 100 > $0.ledger.received }.flatMap { point in
      point.ledger.quarantinedBy.sorted { $0.value > $1.value }.map { unusable(point, $0.key, $0.value) }
    }
    return ["units.declared", "rate.declared", "sensors.signal"].flatMap { check in
      or(findings.filter { $0.check == check }, .ok(check, words[check] ?? ""))
    }
  }

  private static let words = [
    "units.declared": "every frame has its source's unit", "rate.declared": "every frame has its source's rate",
    "sensors.signal": "no signal is stuck, clipped or torn",
  ]

  private static func unusable(_ point: StatusReport.Point, _ reason: String, _ count: Int) -> Finding {
    let check = reason == "wrong_unit" ? "units.declared" : reason == "wrong_rate" ? "rate.declared" : "sensors.signal"
    return .warning(
      check, "\(point.name): \(count) of \(point.ledger.received) frames could not be used: \(reason)",
      remedy: remedies[reason] ?? "docs/OPERATIONS.md says what \(reason) means; look at the sensor and its [[source]]")
  }

  private static let remedies = [
    "wrong_unit": "correct unit of its [[source]], or the unit that the messages tell",
    "wrong_rate": "correct sample_rate_hz of its [[source]], or the rate that the messages tell",
    "malformed": "thrum decode tries a message; correct payload or [source.fields]",
    "wrong_length": "correct payload, header_bytes and channels of its [[source]]",
    "stuck": "the signal does not move: look at cable, connector and power of the sensor",
    "clipped": "the signal ran against a rail: less gain, or a sensor with more range",
    "dropout": "samples are missing within a frame: look at the link between sensor and gateway",
    "bias": "its mean is far from zero: IEPE cable open or shorted", "repeated": "the publisher sends its last block again",
    "range": "correct range, unit and scale, or change the sensor",
  ]
}

extension StatusReport.Point {
  var name: String { "\(machine)/\(point)" }
}
