import Testing

@testable import ModelPackages

@Suite("Gates of a model's road")
struct RoadEvidenceTests {
  private let gates = Rollout.Gates()

  private func good(_ windows: Int) -> RoadEvidence {
    var evidence = RoadEvidence()
    (evidence.windows, evidence.compared, evidence.agreed, evidence.known) = (windows, windows, windows, windows)
    return evidence
  }

  @Test("open until enough windows were seen, passed then")
  func progress() {
    #expect(!gates.readings(good(199), needed: 200).allPassed)
    #expect(gates.readings(good(199), needed: 200).failure == nil)
    #expect(gates.readings(good(200), needed: 200).allPassed)
  }

  @Test("a version that disagrees with the model at work is reported, not stopped")
  func disagreement() {
    var evidence = good(200)
    (evidence.agreed, evidence.raised) = (0, 10)
    #expect(gates.readings(evidence, needed: 200).allPassed)
  }

  @Test("each gate fails by its own name", arguments: GateReading.Gate.allCases.filter { $0 != .windows })
  func failures(gate: GateReading.Gate) {
    var evidence = good(200)
    switch gate {
    case .windows: break
    case .alarmRate: evidence.raisedAlone = 11
    case .confirmed: (evidence.confirmed, evidence.confirmedFound) = (10, 8)
    case .calibration: evidence.probability = 41
    case .p99: evidence.slow = 3
    case .finite: evidence.notFinite = 1
    }
    #expect(gates.readings(evidence, needed: 200).failure?.gate == gate)
  }

  @Test("each gate is passed at its limit")
  func limits() {
    var evidence = good(200)
    (evidence.raisedAlone, evidence.confirmed, evidence.confirmedFound) = (10, 10, 9)
    (evidence.probability, evidence.slow) = (40, 2)
    #expect(gates.readings(evidence, needed: 200).allPassed)
  }

  @Test("an alarm storm is stopped as soon as its rate cannot be kept any more, not after the last window")
  func early() {
    var evidence = good(11)
    evidence.raisedAlone = 11
    #expect(gates.readings(evidence, needed: 200).failure?.gate == .alarmRate)
    evidence.raisedAlone = 10
    #expect(gates.readings(evidence, needed: 200).failure == nil)
  }

  @Test("a calibration that starts badly is judged at the end only")
  func calibrationWaits() {
    var evidence = good(20)
    evidence.probability = 15
    #expect(gates.readings(evidence, needed: 200).failure == nil)
  }
}
