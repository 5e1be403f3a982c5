import Signal

/// Watches for what lasts: a decision a period, calibrated on the decisions of the healthy machine after its point has learned.
/// Until these are enough for the budget it raises nothing and says so; gross changes are the debounced score's all the while.
struct BudgetWatch: Sendable {
  let budget: FalseAlarmBudget
  /// Of the healthy machine, in order of time, at most `mostDecisions`.
  private(set) var healthy: [DecisionLevel] = []
  private var period = DecisionPeriod()
  private var scale: BudgetScale?
  private var scaledAt = 0
  private(set) var isRaised = false
  private var quiet = 0
  /// The last decision; `nil` before there is one that could be judged.
  private(set) var latest: DecisionLevel?

  /// A larger budget than they support stays unsupported: the oldest go.
  static let mostDecisions = 4096

  init(_ budget: FalseAlarmBudget) { self.budget = budget }

  /// The healthy decisions support the budget; from then on none is added.
  var isSupported: Bool { scale?.limit != nil }

  /// What the debounced score's limit is multiplied by: the machine may have shown more than its baseline, which was short. Once the
  /// budget is supported it lies a fifth above the strangest burst of the healthy decisions, within bounds that keep gross changes
  /// an alarm; 1 until then.
  private(set) var burstLimit = 1.0

  private static let burstRoom: Float = 1.2
  static let mostBurstLimit = 2.0

  /// Part of the healthy decisions that the budget needs, 0 to 1.
  var progress: Double {
    if isSupported { return 1 }
    let independent = scale.map { $0.effectiveDecisions / BudgetScale.leastEffective } ?? 1
    return min(Double(healthy.count) / Double(budget.leastDecisions), independent, 0.99)
  }

  /// Takes a window that was scored.
  /// - Parameters:
  ///   - isObjected: a rule stands against the machine, or it is far beyond everything healthy: such a period teaches nothing.
  ///   - mayLearn: nobody said that nothing is to be learned.
  /// - Returns: whether a decision was made.
  mutating func take(_ score: Score, at time: UnixTime, isObjected: Bool, mayLearn: Bool, debounce: DebounceSettings) -> Bool {
    guard
      let (level, isHealthy) = period.take(
        score, at: time, seconds: budget.decisionSeconds, isObjected: isObjected, debounce: debounce)
    else { return false }
    if let scale, let limit = scale.limit {
      decide(level, scale, limit)
    } else if isHealthy, mayLearn {
      learn(level)
    }
    return true
  }

  private mutating func decide(_ level: DecisionLevel, _ scale: BudgetScale, _ limit: Float) {
    let strangeness = scale.strangeness(of: level)
    latest = level
    quiet = strangeness > limit ? 0 : quiet + 1
    isRaised = strangeness > limit || (isRaised && quiet < Excursions.quietDecisions)
  }

  private mutating func learn(_ level: DecisionLevel) {
    if healthy.count >= Self.mostDecisions { healthy.removeFirst(Self.mostDecisions / 16) }
    healthy.append(level)
    // Now and then: what is as good as known is not reckoned anew with each decision.
    guard healthy.count >= budget.leastDecisions,
      healthy.count - scaledAt >= max(1, healthy.count / 16) || healthy.count < scaledAt
    else { return }
    rescale()
  }

  private mutating func rescale() {
    scaledAt = healthy.count
    scale = BudgetScale(healthy, budget)
    guard isSupported, let strangest = healthy.lazy.map(\.burst).max() else { return }
    burstLimit = min(max(Double(Self.burstRoom * strangest), 1), Self.mostBurstLimit)
  }

  /// Each detector's p-value in the last decision, in the order of THE LIST; of those that the model has.
  var pValues: [Double] {
    guard let latest, let scale else { return [] }
    return zip(scale.pValues(of: latest), Detectors.all.indices).filter { latest.detectors[$1] > DecisionLevel.nothing }.map(\.0)
  }

  /// How often a healthy machine is as strange as it was in the last decision, a month; `nil` before there is one to tell by.
  var healthyPerMonth: Double? {
    guard let latest, let scale else { return nil }
    return scale.perMonth(scale.strangeness(of: latest), budget)
  }
}

extension BudgetWatch {
  func encode(into file: inout ModelWriter) {
    file.append(budget.decisionSeconds)
    file.append(budget.perMonth)
    file.append(UInt32(isRaised ? 1 : 0))
    file.append(UInt32(quiet))
    file.append(UInt32(healthy.count))
    for level in healthy {
      for index in Detectors.all.indices { file.append(level.detectors[index]) }
      file.append(level.burst)
    }
  }

  func allowing(_ new: FalseAlarmBudget) -> BudgetWatch {
    var file = ModelWriter()
    encode(into: &file)
    guard var reader = try? ModelReader(file.sealed()) else { return BudgetWatch(new) }
    return (try? BudgetWatch(from: &reader, new)) ?? BudgetWatch(new)
  }

  /// What was gathered for another length of decision is of no use: it begins anew. Another budget with the same length goes on.
  /// - Parameter detectors: how many a decision was written of; a model that has no more gives the others nothing to say.
  init(from file: inout ModelReader, _ budget: FalseAlarmBudget, detectors: Int = Detectors.all.count) throws(ModelError) {
    self.init(budget)
    let (seconds, perMonth) = (try file.positiveDouble(), try file.positiveDouble())
    let (raised, quiet) = (try file.count(0...1), try file.count(0...1 << 30))
    var levels: [DecisionLevel] = []
    for _ in 0..<(try file.count(0...Self.mostDecisions)) {
      var level = SIMD4<Float>.zero
      for index in Detectors.all.indices { level[index] = index < detectors ? try file.float() : DecisionLevel.nothing }
      levels.append(DecisionLevel(detectors: level, burst: try file.float()))
    }
    guard seconds == budget.decisionSeconds else { return }
    healthy = levels
    guard healthy.count >= budget.leastDecisions else { return }
    rescale()
    (isRaised, self.quiet) = (isSupported && perMonth == budget.perMonth && raised == 1, quiet)
  }
}

extension BudgetWatch {
  /// Of a raised alarm; `nil` where none stands.
  var words: String? {
    guard isRaised, let healthyPerMonth else { return nil }
    let minutes = Int((budget.decisionSeconds / 60).rounded())
    return
      "Over \(minutes) minutes as strange as the healthy machine is \(healthyPerMonth.short) times a month; \(budget.perMonth.short) are "
      + "allowed."
  }
}

extension Explanation.Budget {
  init(_ watch: BudgetWatch) {
    self.init(
      falseAlarmsPerMonth: watch.budget.perMonth, budgetSupported: watch.isSupported, decisionS: watch.budget.decisionSeconds,
      pValues: Dictionary(zip(Detectors.names, watch.pValues)) { $1 }, healthyPerMonth: watch.healthyPerMonth)
  }
}
