import Signal

/// What is counted over one data set; what does not apply is left out.
package struct DataSetFigures: Sendable, Encodable {
  package var name: String
  package var points: Int?
  package var baselineWindows: Int?
  package var faultRecordings, detected, healthyRecordings, falseAlarms: Int?
  package var healthyWindows, windowFalseAlarms, abstainedWindows: Int?
  package var precision, recall, rocAuc, prAuc, expectedCalibrationError: Double?
  /// With labels of the other half of each recording or table; left out where they are too few.
  package var labelledCalibrationError: Double?
  package var faultNamedRight, faultNamedWrong, faultUnnamed, healthyNamed: Int?
  package var lives, standingAtEnd, lead_10min, early, cleared: Int?
  package var medianLeadH: Double?
  package var f1, falseAlarmRatePct, missedAlarmRatePct: Double?
  package var outOfDistribution, windows: Int?

  /// - Parameter baselines: windows learned from, point by point.
  init(_ name: String, baselines: [Int], _ results: [RecordingResult]) {
    self.name = name
    if !baselines.isEmpty { (points, baselineWindows) = (baselines.count, baselines.reduce(0, +)) }
    addDetection(results.filter(\.isJudgedAsAWhole))
    addNaming(results.filter { $0.namedFault != nil })
    addLives(results.filter { $0.role == "run" })
    addTables(results.compactMap(\.rows))
    addProbabilities(results.filter { $0.isJudgedAsAWhole || $0.isTable })
    addShift(results.filter { $0.role == "shift" && $0.windows != nil })
  }

  private mutating func addDetection(_ tests: [RecordingResult]) {
    guard !tests.isEmpty else { return }
    let (healthy, faulty) = (tests.filter(\.isHealthy), tests.filter { !$0.isHealthy })
    (faultRecordings, detected) = (faulty.count, faulty.count(where: \.isAlarmed))
    (healthyRecordings, falseAlarms) = (healthy.count, healthy.count(where: \.isAlarmed))
    healthyWindows = healthy.reduce(0) { $0 + ($1.windows ?? 0) }
    windowFalseAlarms = healthy.reduce(0) { $0 + ($1.alarmWindows ?? 0) }
    (precision, recall) = (Self.ratio(detected, of: tests.count(where: \.isAlarmed)), Self.ratio(detected, of: faulty.count))
    abstainedWindows = tests.reduce(0) { $0 + ($1.abstainedWindows ?? 0) }
  }

  /// Of windows; where there are tables only, of their rows.
  private mutating func addProbabilities(_ judged: [RecordingResult]) {
    let recordings = judged.filter { !$0.isTable }
    let judged = recordings.isEmpty ? judged : recordings
    guard !judged.isEmpty else { return }
    let probabilities = Probabilities(judged)
    (rocAuc, prAuc) = (probabilities.areaUnderROC, probabilities.averagePrecision)
    expectedCalibrationError = probabilities.calibrationError
    labelledCalibrationError = Probabilities.labelled(judged)?.calibrationError
  }

  private mutating func addNaming(_ named: [RecordingResult]) {
    guard !named.isEmpty else { return }
    let faults = named.filter { ["inner", "outer", "ball"].contains($0.label) }
    faultNamedRight = faults.count { $0.namedFault?.fault?.rawValue == $0.label }
    faultUnnamed = faults.count { $0.namedFault?.fault == nil }
    faultNamedWrong = faults.count - (faultNamedRight ?? 0) - (faultUnnamed ?? 0)
    healthyNamed = named.count { $0.isHealthy && $0.namedFault?.fault != nil }
  }

  /// Pooled: what counts is a row, not a table.
  private mutating func addTables(_ tables: [RowCounts]) {
    guard !tables.isEmpty else { return }
    let pooled = tables.reduce(into: RowCounts()) { $0.add($1) }
    (f1, falseAlarmRatePct, missedAlarmRatePct) = (pooled.f1, pooled.falseAlarmRatePct, pooled.missedAlarmRatePct)
    if precision == nil, recall == nil { (precision, recall) = (pooled.precision, pooled.recall) }
  }

  private mutating func addShift(_ shifted: [RecordingResult]) {
    guard !shifted.isEmpty else { return }
    windows = shifted.reduce(0) { $0 + ($1.windows ?? 0) }
    outOfDistribution = shifted.reduce(0) { $0 + ($1.reasons["out_of_distribution"] ?? 0) }
  }

  private static func ratio(_ part: Int?, of whole: Int) -> Double? {
    whole == 0 ? nil : part.map { Double($0) / Double(whole) }
  }

  private mutating func addLives(_ all: [RecordingResult]) {
    guard !all.isEmpty else { return }
    lives = all.count
    let leads = all.compactMap(Self.leadSeconds).sorted()
    (standingAtEnd, lead_10min) = (leads.count, leads.count { $0 >= 600 })
    early = all.count(where: Self.isEarly)
    cleared = all.reduce(0) { $0 + ($1.alarms ?? []).count { $0[1] != nil } }
    medianLeadH = leads.isEmpty ? nil : (leads[leads.count / 2] + leads[(leads.count - 1) / 2]) / 7200
  }

  private static func isEarly(_ life: RecordingResult) -> Bool {
    guard let first = life.alarms?.first, let from = first[0], let end = life.lifeSeconds else { return false }
    return from < 0.25 * end
  }

  /// From the start of the alarm that stands at the end to the end; `nil` when none stands.
  private static func leadSeconds(_ life: RecordingResult) -> Double? {
    guard let last = life.alarms?.last, last[1] == nil, let from = last[0], let end = life.lifeSeconds else { return nil }
    return end - from
  }
}
