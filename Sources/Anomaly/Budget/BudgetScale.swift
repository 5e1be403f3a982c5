import Glibc

/// What the healthy machine's decisions say of a new one: each detector's conformal p-value, both in one number, and the limit
/// that healthy decisions surpass as often as the budget allows.
///
/// The number is the mean of -ln p over the detectors (R. A. Fisher's statistic), but its limit is not taken from a distribution
/// that would need independent detectors: the healthy decisions go through the same formula, and the limit is counted on
/// them. By exchangeability that holds however the detectors depend on each other (V. Vovk, A. Gammerman, G. Shafer, "Algorithmic
/// Learning in a Random World", 2005); one more excursion than was seen is reckoned with, as in (k + 1) / (n + 1).
struct BudgetScale: Sendable {
  /// Per detector, ascending.
  private let sorted: [[Float]]
  /// Per detector: mean excess over the uppermost tenth's edge, for what lies beyond everything seen.
  private let tails: [Float]
  /// The healthy decisions' own numbers, in order of time.
  let joint: [Float]
  /// Above it the alarm is raised; `nil`: the decisions are too few, or too much alike, to support the budget.
  let limit: Float?
  let effectiveDecisions: Double

  /// Fewer independent decisions say nothing of what is rare.
  static let leastEffective = 24.0

  init(_ decisions: [DecisionLevel], _ budget: FalseAlarmBudget) {
    let columns = Detectors.all.indices.map { index in decisions.map { $0.detectors[index] } }
    let ordered = columns.map { $0.sorted() }
    let excess = ordered.map(Self.excess)
    sorted = ordered
    tails = excess
    let joint = decisions.map { Self.strangeness($0, ordered, excess, isNew: false) }
    self.joint = joint
    effectiveDecisions = Excursions.effectiveCount(of: joint)
    let supports = decisions.count >= budget.leastDecisions && effectiveDecisions >= Self.leastEffective
    limit = supports ? Self.limit(joint, excursions: budget.perDecision * Double(joint.count)) : nil
  }

  /// Of one detector: the share of healthy decisions that are as strange, itself counted.
  func pValues(of level: DecisionLevel) -> [Double] {
    sorted.indices.map { index in
      Double(1 + Self.above(level.detectors[index], sorted[index])) / Double(sorted[index].count + 1)
    }
  }

  /// Both detectors in one number: higher is stranger.
  func strangeness(of level: DecisionLevel) -> Float { Self.strangeness(level, sorted, tails, isNew: true) }

  /// How often a healthy machine is as strange as that, in a month of running; at least what one more excursion than was seen means.
  func perMonth(_ strangeness: Float, _ budget: FalseAlarmBudget) -> Double {
    guard !joint.isEmpty else { return .infinity }
    let count = Excursions.count(in: joint, above: strangeness.nextDown) + 1
    return Double(count) / (Double(joint.count) * budget.decisionSeconds) * FalseAlarmBudget.monthSeconds
  }

  /// The lowest level that was surpassed at least one time less than the budget allows.
  private static func limit(_ joint: [Float], excursions: Double) -> Float? {
    var found: Float?
    for level in joint.sorted(by: >) {
      guard Double(Excursions.count(in: joint, above: level) + 1) <= excursions else { break }
      found = level
    }
    return found
  }

  private static func strangeness(_ level: DecisionLevel, _ sorted: [[Float]], _ tails: [Float], isNew: Bool) -> Float {
    var sum: Float = 0
    for index in sorted.indices {
      let (value, values) = (level.detectors[index], sorted[index])
      guard let highest = values.last else { continue }
      let above = Self.above(value, values) + (isNew ? 1 : 0)
      sum += logf(Float(values.count + (isNew ? 1 : 0)) / Float(max(1, above)))
      if value > highest { sum += (value - highest) / tails[index] }
    }
    return sum / Float(max(1, sorted.count))
  }

  /// How many are at least as high.
  private static func above(_ value: Float, _ sorted: [Float]) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return sorted.count - low
  }

  private static func excess(_ sorted: [Float]) -> Float {
    let tail = sorted.suffix(max(1, sorted.count / 10))
    let edge = tail.first ?? 0
    return max(tail.reduce(0) { $0 + $1 - edge } / Float(max(1, tail.count)), 1e-3)
  }
}
