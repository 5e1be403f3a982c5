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
