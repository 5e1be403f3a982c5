import Anomaly

/// What `thrum explain --json` prints: the alarm's row, and what to expect and to do.
package struct ExplainReport: Encodable, Sendable {
  private let row: AlarmRow
  private let advice: String?
  private let prognosis: Outlook?
  private let nearestCase: Case?

  /// A past alarm that somebody named, and how much alike they are, 0 to 1.
  private struct Case: Encodable {
    var alarm: String
    var label: String
    @OrNull var fault: String?
    var similarity: Double
  }

  /// Time until the next zone, with a chance of four in five.
  private struct Outlook: Encodable {
    var point: String
    var zone: String
    var limitMmS: Double
    var fromH: Double
    var toH: Double
  }

  /// - Parameter prognosis: of the member that gets there first; `nil`: unknown.
  package init(
    _ row: AlarmRow, advice: String?, prognosis: (point: String, prognosis: Prognosis)?,
    nearest: (nearest: LabelledCase, similarity: Double)? = nil
  ) {
    nearestCase = nearest.map {
      Case(
        alarm: $0.nearest.id, label: $0.nearest.isFault ? "bad" : "good", fault: $0.nearest.fault, similarity: $0.similarity)
    }
    self.row = row
    self.advice = advice
    self.prognosis = prognosis.map {
      Outlook(
        point: $0.point, zone: $0.prognosis.zone.rawValue, limitMmS: $0.prognosis.limit,
        fromH: $0.prognosis.seconds.lowerBound / 3600, toH: $0.prognosis.seconds.upperBound / 3600)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    try row.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(advice, forKey: .advice)
    try container.encode(prognosis, forKey: .prognosis)
    try container.encode(nearestCase, forKey: .nearestCase)
  }

  private enum Key: String, CodingKey { case advice, prognosis, nearestCase }
}
