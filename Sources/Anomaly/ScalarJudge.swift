import Signal

/// Limits, rate and change of one slow value. Pure: the same readings give the same verdicts.
struct ScalarJudge {
  private let settings: ScalarSettings
  private var rate = ScalarRate()
  private var groups = ScalarGroups()
  private var learned: [Double]
  private var charts: ChangeCharts?
  /// What the latest reading broke.
  private var broken: (verdict: Verdict, limit: Double, side: String)?
  private var ratePerMinute: Double?
  private var reading: Reading?
  private var offDelay: OffDelay
  /// The machine stands or has just been started: limits hold on, the charts neither learn nor judge.
  var isAtRest = false
  /// Means that are left out, for the machine is not as warm yet as it runs.
  private var unsettledMeans = 0
  private static let settlingMeans = 6
  /// False while a person says so: nothing is collected.
  var mayLearn = true

  /// - Parameter restored: the baseline as it was stored.
  init(_ settings: ScalarSettings, restored: [BaselineWindow] = []) {
    self.settings = settings
    offDelay = OffDelay(seconds: settings.debounce.offDelaySeconds)
    learned = restored.prefix(settings.baselineWindows).filter { $0.features.count == 1 }.map { Double($0.features[0]) }
    if isLearned { charts = ChangeCharts(learned: learned) }
  }

  private var isLearned: Bool { settings.baselineWindows > 0 && learned.count >= settings.baselineWindows }

  /// Judges a reading whose value is finite.
  mutating func decide(_ reading: Reading, _ state: inout PointState, _ outcome: inout PointOutcome) {
    self.reading = reading
    broken = settings.limits.broken(by: reading.value)
    ratePerMinute = rate.take(reading.value, at: reading.moment)
    let verdict = max(broken?.verdict ?? .normal, isTooFast ? .warning : .normal)
    state.debounce.push(verdict)
    if isAtRest { unsettledMeans = Self.settlingMeans }
    if let mean = groups.take(reading.value, at: reading.moment) {
      if unsettledMeans == 0 { compare(mean, verdict, &state, &outcome) }
      unsettledMeans = max(0, unsettledMeans - 1)
    }
    state.score = charts?.score
    let mayFall = offDelay.mayFall(from: state.verdict, window: verdict, at: reading.moment)
    let debounced = state.debounce.verdict(after: state.verdict, settings.debounce)
    let standing = charts?.isChanged == true ? max(debounced, .warning) : debounced
    state.verdict = mayFall ? standing : max(standing, state.verdict)
    if state.verdict == .normal, let reason = abstention { state.verdict = .abstain(reason) }
  }

  private var isTooFast: Bool {
    guard let limit = settings.limits.ratePerMinute, let ratePerMinute else { return false }
    return abs(ratePerMinute) > limit
  }

  /// With what was learned, or learns from it: only what no limit objects to is healthy enough.
  private mutating func compare(_ mean: Double, _ verdict: Verdict, _ state: inout PointState, _ outcome: inout PointOutcome) {
    if isLearned {
      charts?.take(mean)
    } else if mayLearn, settings.baselineWindows > 0, verdict == .normal, state.verdict.priority == nil {
      outcome.baseline.append(BaselineWindow(index: learned.count, features: [Float(mean)]))
      learned.append(Double(Float(mean)))
      if isLearned { charts = ChangeCharts(learned: learned) }
    }
    guard settings.baselineWindows > 0 else { return }
    state.baseline.phase = isLearned ? .ready : .learning
    state.baseline.windows = learned.count
    state.baseline.windowsWanted = settings.baselineWindows
  }

  /// Why `normal` would say too much.
  private var abstention: AbstainReason? {
    if !settings.limits.isEmpty || charts != nil { return nil }
    return settings.baselineWindows > 0 && !isLearned ? .learning : .noRuleApplies
  }

  /// Of the reading judged last.
  func explanation(_ verdict: Verdict) -> Explanation {
    var explanation = Explanation.undecided(verdict)
    if verdict == .normal { explanation.words = "Within what is normal for this point." }
    guard verdict.priority != nil, let reading else { return explanation }
    let grounds = [limitWords(reading), rateWords(reading), changeWords(reading)]
    explanation.decidedBy = zip(["limits", "rate", "change"], grounds).compactMap { $1 == nil ? nil : $0 }
    explanation.words = grounds.compactMap { $0 }.joined(separator: " ")
    if explanation.words.isEmpty { explanation.words = "\(Self.name(reading)) \(value(reading)) was beyond its limits lately." }
    explanation.score = charts?.score
    return explanation
  }
}

// MARK: - Words

extension ScalarJudge {
  private static func name(_ reading: Reading) -> String {
    reading.quantity.rawValue.prefix(1).uppercased() + reading.quantity.rawValue.dropFirst()
  }

  private func value(_ reading: Reading) -> String { "\(reading.value.short) \(reading.unit.words)" }

  private func limitWords(_ reading: Reading) -> String? {
    broken.map { broken in
      "\(Self.name(reading)) \(value(reading)) is \(broken.side) the \(broken.verdict.name) limit, "
        + "\(broken.limit.short) \(reading.unit.words)."
    }
  }

  private func rateWords(_ reading: Reading) -> String? {
    guard isTooFast, let ratePerMinute, let limit = settings.limits.ratePerMinute else { return nil }
    return
      "\(Self.name(reading)) \(ratePerMinute < 0 ? "falls" : "rises") by \(abs(ratePerMinute).short) \(reading.unit.words) a "
      + "minute, more than \(limit.short)."
  }

  private func changeWords(_ reading: Reading) -> String? {
    guard let charts, charts.isChanged else { return nil }
    let (mean, average, deviations) = charts.told
    return "\(Self.name(reading)) has changed from \(mean.short) \(reading.unit.words) while the point learned to "
      + "\(average.short), \(abs(deviations).short) standard deviations \(deviations < 0 ? "below" : "above")."
  }
}
