/// What people said of alarms moves the point's warning limit, a step at a time and within bounds: a label is one person's word about
/// one alarm.
struct LabelledLimit: Sendable, Equatable {
  /// What the limit is multiplied by.
  private(set) var factor: Double

  static let bounds = 0.75...2.0
  private static let step = 1.25
  /// A limit lies so far beyond the score that was named.
  private static let room = 1.1

  init(factor: Double = 1) { self.factor = min(max(factor, Self.bounds.lowerBound), Self.bounds.upperBound) }

  /// - Parameters:
  ///   - score: of the alarm, where 1 was the limit of the margin.
  ///   - isFault: it was one; false: the machine is well.
  mutating func take(score: Double, isFault: Bool) {
    guard score.isFinite, score > 0 else { return }
    if isFault, score < factor {
      factor = max(score / Self.room, factor / Self.step, Self.bounds.lowerBound)
    } else if !isFault, score >= factor {
      factor = min(score * Self.room, factor * Self.step, Self.bounds.upperBound)
    }
  }
}
