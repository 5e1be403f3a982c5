import Signal

/// What is watched over weeks once a point has learned: the budget of false alarms, and whether the baseline still fits. Bounded,
/// and kept over a restart.
struct PointWatch: Sendable {
  private let modelVersion: String
  var budget: BudgetWatch
  private(set) var labelled = LabelledLimit()
  /// What people said of alarms, newest last, at most `LabelledCurve.mostCases`.
  private(set) var cases: [LabelledCurve.Case] = []
  /// `nil` while they are too few.
  private(set) var curve: LabelledCurve?
  /// By regime.
  private(set) var drift: [RegimeDrift]
  /// What was told of each regime's drift last.
  private(set) var told: [DriftReport?]
  private var recordedAt: UnixTime?
  private var recorded: WatchSummary?

  /// Nothing is lost by a kill but decisions of the last hour, which teach or say again what others do.
  private static let recordSeconds = 3600.0

  init(_ model: PointModel, _ budget: FalseAlarmBudget) {
    modelVersion = model.version
    self.budget = BudgetWatch(budget)
    drift = model.regimes.map { RegimeDrift(features: $0.model.shape.featureNames.count) }
    told = model.regimes.map { _ in nil }
  }

  /// - Parameter regime: of the model that judged the window.
  mutating func takeDrift(
    _ features: UnsafeBufferPointer<Float>, _ model: Model, regime: Int, at time: UnixTime
  ) -> DriftReport? {
    guard drift.indices.contains(regime), let deciles = model.deciles,
      let report = drift[regime].take(at: time, model, deciles, features)
    else { return nil }
    told[regime] = report.kind == nil ? nil : report
    return report
  }

  /// Of the debounced score: what the machine showed beyond its baseline while healthy, and what people said.
  var warningLimit: Double {
    min(max(budget.burstLimit * labelled.factor, LabelledLimit.bounds.lowerBound), LabelledLimit.bounds.upperBound)
  }

  mutating func label(score: Double, isFault: Bool) {
    labelled.take(score: score, isFault: isFault)
    guard score.isFinite, score > 0 else { return }
    cases = (cases + [.init(score: Float(min(max(score, 1e-6), 1e6)), isFault: isFault)]).suffix(LabelledCurve.mostCases)
    curve = LabelledCurve(cases)
  }

  /// As after a restart with another budget: what was gathered goes on where decisions stay as long.
  mutating func allow(_ new: FalseAlarmBudget) { budget = budget.allowing(new) }

  /// Of an anomaly: as labels have shown, else by the margin.
  func probability(of score: Score) -> Double {
    curve?.probability(of: score.joint) ?? score.probability(limit: warningLimit)
  }

  /// Of the regime that moved farthest; `nil` before the first look after the start.
  var driftFigures: DriftFigures? {
    drift.compactMap(\.figures).reduce(nil) { worst, next in worst.map { $0.larger(next) } ?? next }
  }

  var summary: WatchSummary {
    let noticed = told.lazy.compactMap { $0 }.first
    return WatchSummary(
      falseAlarmsPerMonth: budget.budget.perMonth, decisionSeconds: budget.budget.decisionSeconds,
      budgetSupported: budget.isSupported, progress: budget.progress, limitFactor: warningLimit,
      drift: noticed?.kind, relearnWanted: told.contains { $0?.relearnWanted == true }, driftWords: noticed?.words)
  }

  /// What is to be stored: at once what changed in kind, else once an hour; `nil`: nothing now.
  mutating func record(at time: UnixTime) -> WatchRecord? {
    let now = summary
    if let recordedAt, let recorded, recorded.saysTheSame(as: now), abs(time.seconds(since: recordedAt)) < Self.recordSeconds {
      return nil
    }
    (recordedAt, recorded) = (time, now)
    return WatchRecord(summary: now, bytes: encoded())
  }
}

/// What people are shown of it.
package struct WatchSummary: Sendable, Equatable {
  /// Of this point.
  package var falseAlarmsPerMonth: Double
  package var decisionSeconds: Double
  /// False: too little of the healthy machine was seen; the margin is a marked one.
  package var budgetSupported: Bool
  /// Of what supports it, 0 to 1.
  package var progress: Double
  /// What the warning limit of the debounced score is multiplied by.
  package var limitFactor: Double
  package var drift: DriftKind?
  package var relearnWanted: Bool
  package var driftWords: String?

  package init(
    falseAlarmsPerMonth: Double, decisionSeconds: Double, budgetSupported: Bool, progress: Double, limitFactor: Double = 1,
    drift: DriftKind? = nil, relearnWanted: Bool = false, driftWords: String? = nil
  ) {
    self.falseAlarmsPerMonth = falseAlarmsPerMonth
    self.decisionSeconds = decisionSeconds
    self.budgetSupported = budgetSupported
    self.progress = progress
    self.limitFactor = limitFactor
    self.drift = drift
    self.relearnWanted = relearnWanted
    self.driftWords = driftWords
  }

  fileprivate func saysTheSame(as other: Self) -> Bool {
    (budgetSupported, limitFactor, drift, relearnWanted)
      == (other.budgetSupported, other.limitFactor, other.drift, other.relearnWanted)
  }
}

/// A row of the store.
package struct WatchRecord: Sendable, Equatable {
  package var summary: WatchSummary
  /// For `RestoredPoint.watch`.
  package var bytes: [UInt8]

  package init(summary: WatchSummary, bytes: [UInt8]) { (self.summary, self.bytes) = (summary, bytes) }
}

extension PointWatch {
  private static let magic: UInt32 = 0x5752_4854  // "THRW"
  /// 1: decisions of the first detectors only, and no labelled cases.
  private static let format: UInt32 = 2

  private func encoded() -> [UInt8] {
    var file = ModelWriter()
    file.append(Self.magic)
    file.append(Self.format)
    file.append(modelVersion)
    budget.encode(into: &file)
    file.append(labelled.factor)
    file.append(UInt32(cases.count))
    for known in cases {
      file.append(known.score)
      file.append(UInt32(known.isFault ? 1 : 0))
    }
    for (regime, report) in zip(drift, told) {
      regime.encode(into: &file)
      file.append(report?.words ?? "")
      file.append(UInt32(report?.relearnWanted == true ? 1 : 0))
    }
    return file.sealed()
  }

  /// Begins anew where the bytes are another model's, or damaged: nothing of it is worth more than a fresh start.
  init(_ model: PointModel, _ budget: FalseAlarmBudget, restored bytes: [UInt8]?) {
    self = bytes.flatMap { try? Self(model, budget, decoding: $0) } ?? Self(model, budget)
  }

  private init(_ model: PointModel, _ budget: FalseAlarmBudget, decoding bytes: [UInt8]) throws(ModelError) {
    self.init(model, budget)
    var file = try ModelReader(bytes)
    let head = try Head(from: &file, budget)
    guard head.modelVersion == model.version else { throw ModelError("of another model") }
    (self.budget, labelled, cases, curve) = (head.budget, head.labelled, head.cases, LabelledCurve(head.cases))
    for (index, regime) in model.regimes.enumerated() {
      drift[index] = try RegimeDrift(from: &file, features: regime.model.shape.featureNames.count)
      let (words, isWanted) = (try file.text(upTo: 1024), try file.count(0...1))
      guard let kind = drift[index].kind else { continue }
      told[index] = DriftReport(
        kind: kind, relearnWanted: isWanted == 1, words: words, movedFeatures: 0, ofFeatures: 0, features: [])
    }
    try file.end()
  }

  /// What comes before the drift, and can be read without the model.
  fileprivate struct Head {
    let modelVersion: String
    let budget: BudgetWatch
    let labelled: LabelledLimit
    private(set) var cases: [LabelledCurve.Case] = []

    init(from file: inout ModelReader, _ budget: FalseAlarmBudget) throws(ModelError) {
      guard try file.word() == PointWatch.magic, case let format = try file.word(), (1...PointWatch.format).contains(format)
      else {
        throw ModelError("no watch of Thrum")
      }
      modelVersion = try file.text(upTo: 64)
      self.budget = try BudgetWatch(from: &file, budget, detectors: format == 1 ? Detectors.joint : Detectors.all.count)
      labelled = LabelledLimit(factor: try file.positiveDouble())
      for _ in 0..<(format == 1 ? 0 : try file.count(0...LabelledCurve.mostCases)) {
        cases.append(.init(score: try file.positive(), isFault: try file.count(0...1) == 1))
      }
    }
  }
}

extension WatchRecord {
  /// How many labels the probabilities of a point are calibrated on; `nil`: too few, or the bytes cannot be read.
  package static func probabilityLabels(in bytes: [UInt8]) -> Int? {
    guard var file = try? ModelReader(bytes), let head = try? PointWatch.Head(from: &file, FalseAlarmBudget()) else { return nil }
    return LabelledCurve(head.cases)?.labels
  }
}
