import Glibc
import Signal
import Testing

@testable import Anomaly

@Suite("What labels do")
struct LabelTests {
  @Test("a false alarm raises the limit by a step at most, a fault below it lowers it, both within bounds")
  func limit() {
    var limit = LabelledLimit()
    limit.take(score: 1.05, isFault: false)
    #expect(abs(limit.factor - 1.155) < 1e-9)
    limit.take(score: 9, isFault: false)
    #expect(abs(limit.factor - 1.155 * 1.25) < 1e-9)
    for _ in 0..<9 { limit.take(score: 9, isFault: false) }
    #expect(limit.factor == 2)
    limit.take(score: 5, isFault: true)
    #expect(limit.factor == 2, "a fault that was seen anyway moves nothing")
    for _ in 0..<9 { limit.take(score: 0.1, isFault: true) }
    #expect(limit.factor == 0.75)
    limit.take(score: .nan, isFault: false)
    #expect(limit.factor == 0.75)
  }

  @Test("what was said goes on after a restart and moves verdict and probability")
  func kept() throws {
    let model = PointModel(ModelTests.model)
    var watch = PointWatch(model, FalseAlarmBudget())
    watch.label(score: 1.2, isFault: false)
    let made = watch.record(at: UnixTime(seconds: 0))
    let record = try #require(made)
    let restored = PointWatch(model, FalseAlarmBudget(), restored: record.bytes)
    #expect(restored.warningLimit == 1.25 && record.summary.limitFactor == 1.25)
    #expect(Score(joint: 1.2).verdict(limit: restored.warningLimit) == .normal)
    #expect(Score(joint: 1.25).probability(limit: restored.warningLimit) == 0.5)
  }

  /// Faults become as likely as health at score 2, and more so twice as steeply as without labels.
  private static func cases(_ count: Int, seed: UInt64 = 3) -> [LabelledCurve.Case] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      let score = exp(2 * random.uniform())
      return .init(score: Float(score), isFault: random.uniform() < 1 / (1 + pow(score / 2, -8)))
    }
  }

  @Test("enough labels of both kinds make the probability theirs; it rises with the score and stays bounded")
  func curve() throws {
    let curve = try #require(LabelledCurve(Self.cases(128)))
    #expect(curve.labels == 128 && curve == LabelledCurve(Self.cases(128)))
    #expect(abs(curve.probability(of: 2) - 0.5) < 0.15 && curve.probability(of: 1.3) < 0.2 && curve.probability(of: 3.2) > 0.8)
    let rising = stride(from: 0.01, to: 50, by: 0.1).map { curve.probability(of: $0) }
    #expect(zip(rising, rising.dropFirst()).allSatisfy { $0 <= $1 } && curve.probability(of: 0) == 0)
    #expect(curve.probability(of: .infinity) <= 1 && curve.probability(of: .infinity) > 0.99)
    let reversed = try #require(LabelledCurve(Self.cases(64).map { .init(score: 1 / $0.score, isFault: $0.isFault) }))
    #expect(reversed.slope > 0, "labels against all sense do not turn it round")
  }

  @Test("seven of one kind are too few", arguments: [7, 8])
  func tooFew(faults: Int) {
    let cases = (0..<40).map { LabelledCurve.Case(score: 2, isFault: $0 < faults) }
    #expect((LabelledCurve(cases) != nil) == (faults == 8))
  }

  @Test("the newest labels are kept over a restart, and with them the probability")
  func calibrated() throws {
    let model = PointModel(ModelTests.model)
    var watch = PointWatch(model, FalseAlarmBudget())
    for known in Self.cases(200) { watch.label(score: Double(known.score), isFault: known.isFault) }
    let made = watch.record(at: UnixTime(seconds: 0))
    let restored = PointWatch(model, FalseAlarmBudget(), restored: try #require(made).bytes)
    #expect(watch.cases.count == 128 && restored.cases == watch.cases && restored.curve == watch.curve)
    #expect(restored.probability(of: Score(joint: 1.3)) == watch.probability(of: Score(joint: 1.3)))
    #expect(watch.probability(of: Score(joint: 1.3)) != Score(joint: 1.3).probability(limit: watch.warningLimit))
  }

  @Test("on how many labels the probability rests is read without the model; too few, and bytes that are none, rest on nothing")
  func counted() throws {
    func bytes(_ count: Int) throws -> [UInt8] {
      var watch = PointWatch(PointModel(ModelTests.model), FalseAlarmBudget())
      for known in Self.cases(count) { watch.label(score: Double(known.score), isFault: known.isFault) }
      let record = watch.record(at: UnixTime(seconds: 0))
      return try #require(record).bytes
    }
    #expect(WatchRecord.probabilityLabels(in: try bytes(40)) == 40)
    #expect(WatchRecord.probabilityLabels(in: try bytes(3)) == nil)
    #expect(WatchRecord.probabilityLabels(in: []) == nil && WatchRecord.probabilityLabels(in: [1, 2, 3]) == nil)
  }

  @Test("the nearest labelled case strayed the same way; where none did there is none")
  func nearest() throws {
    let explanation = Self.explanation(["band_3": 8, "kurtosis": 4])
    let cases = [
      LabelledCase(id: "pump#1", isFault: true, fault: "outer", explanation: Self.explanation(["band_3": 4, "kurtosis": 2])),
      LabelledCase(id: "pump#2", isFault: false, fault: nil, explanation: Self.explanation(["band_3": -8, "kurtosis": -4])),
    ]
    let found = try #require(LabelledCase.nearest(to: explanation, among: cases))
    #expect(found.nearest.id == "pump#1" && found.similarity > 0.999)
    #expect(LabelledCase.nearest(to: Self.explanation(["rms": 3]), among: cases) == nil)
    #expect(LabelledCase.nearest(to: Self.explanation([:]), among: cases) == nil)
  }

  @Test("alarms of a band that used to be faults and are no more have changed their meaning; chance has not")
  func concept() {
    typealias Case = (score: Double, isFault: Bool, at: UnixTime)
    var (cases, even): ([Case], [Case]) = ([], [])
    for number in 0..<40 {
      let isRare = number % 10 == 0
      let isFault = number < 20 ? !isRare : isRare
      cases.append((1.2, isFault, UnixTime(seconds: Double(number))))
      even.append((1.2, number % 2 == 0, UnixTime(seconds: Double(number))))
    }
    let found: [ConceptDrift] = ConceptDrift.find(cases)
    #expect(found.count == 1 && found[0].scores == 1..<1.5)
    #expect(found.first?.faultsBefore == 0.9)
    #expect(found.first?.faultsLately == 0.1)
    #expect(ConceptDrift.find(even).isEmpty)
    #expect(ConceptDrift.find(Array(cases.suffix(14))).isEmpty)
  }

  private static func explanation(_ deviations: [String: Double]) -> Explanation {
    var explanation = Explanation.undecided(.warning)
    explanation.contributions = deviations.map { .init(feature: $0, share: 0.5, value: 0, deviations: $1) }
    return explanation
  }
}
