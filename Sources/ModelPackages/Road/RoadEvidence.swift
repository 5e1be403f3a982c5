/// What a version has shown on one point since it came there, or since its stage began. Counts only: it is kept as JSON.
package struct RoadEvidence: Sendable, Equatable, Codable {
  /// Judged by the version.
  package var windows = 0
  /// Of them, those it gave no score: no regime of it is for their speed.
  package var unscored = 0
  /// Those that it would raise, and neither the rules nor the model at work nor a person would.
  package var raisedAlone = 0
  package var raised = 0
  /// Those that the model at work judged too, and of them those that both raise or both do not.
  package var compared = 0
  package var agreed = 0
  /// Windows that a person has confirmed to be bad, and of them those that it raises.
  package var confirmed = 0
  package var confirmedFound = 0
  /// Windows that nothing speaks against, or that are confirmed to be bad: for calibration.
  package var known = 0
  package var knownBad = 0
  /// The sum of its probabilities over the known windows.
  package var probability = 0.0
  /// Those that took longer than the gate allows, and the longest, µs.
  package var slow = 0
  package var longestMicroseconds = 0.0
  /// Those whose score is no number.
  package var notFinite = 0
  /// Those that were not judged, because it was still busy with others.
  package var skipped = 0

  package init() {}
}

/// One gate, and how far a version has come with it on a point.
package struct GateReading: Sendable, Equatable, Codable {
  package enum Gate: String, Sendable, CaseIterable, Codable {
    case windows, alarmRate = "alarm_rate", confirmed, calibration, p99, finite
  }

  package enum State: String, Sendable, Codable { case open, passed, failed }

  package var gate: Gate
  package var state: State
  /// What was seen and what is asked for; the words say the unit.
  package var value: Double
  package var limit: Double
  package var words: String
}

extension Rollout.Gates {
  /// The mean probability may lie so far from the part of windows that are known to be bad, in a thousand.
  static let mostCalibrationPermille = 200.0
  /// Windows of which the rate of slow ones is not yet told by one in a hundred.
  private static let slowAllowed = 2

  /// How one gate stands, without words: asked for with every batch.
  /// - Parameter needed: windows to be seen before a version may go on.
  package func state(of gate: GateReading.Gate, _ evidence: RoadEvidence, needed: Int) -> GateReading.State {
    let isOver = evidence.windows >= needed
    switch gate {
    case .windows: return isOver ? .passed : .open
    case .alarmRate:
      // Fails as soon as it cannot be kept any more.
      let allowed = max(needed, evidence.windows) * Int(maxAlarmWindowsPermille) / 1000
      return evidence.raisedAlone > allowed ? .failed : isOver ? .passed : .open
    case .confirmed: return evidence.confirmedPermille >= Double(mustFindConfirmedPermille) ? .passed : .failed
    case .calibration:
      return !isOver ? .open : evidence.calibrationPermille > Self.mostCalibrationPermille ? .failed : .passed
    case .p99:
      return evidence.slow > max(Self.slowAllowed, evidence.windows / 100) ? .failed : isOver ? .passed : .open
    case .finite: return evidence.notFinite > 0 ? .failed : .passed
    }
  }

  /// All of them: one that failed, or else one that is open, or passed.
  package func state(_ evidence: RoadEvidence, needed: Int) -> GateReading.State {
    var isOpen = false
    for gate in GateReading.Gate.allCases {
      switch state(of: gate, evidence, needed: needed) {
      case .failed: return .failed
      case .open: isOpen = true
      case .passed: break
      }
    }
    return isOpen ? .open : .passed
  }

  /// All of them, for people.
  package func readings(_ evidence: RoadEvidence, needed: Int) -> [GateReading] {
    GateReading.Gate.allCases.map { gate in
      let (value, limit, words) = reading(of: gate, evidence, needed)
      return GateReading(
        gate: gate, state: state(of: gate, evidence, needed: needed), value: value, limit: limit, words: words)
    }
  }

  private func reading(
    of gate: GateReading.Gate, _ evidence: RoadEvidence, _ needed: Int
  ) -> (value: Double, limit: Double, words: String) {
    let windows = evidence.windows
    switch gate {
    case .windows: return (Double(windows), Double(needed), "\(windows) of \(needed) windows")
    case .alarmRate:
      return (
        1000 * Double(evidence.raisedAlone) / Double(max(1, windows)), Double(maxAlarmWindowsPermille),
        "\(evidence.raisedAlone) of \(windows) windows raised by it alone, \(maxAlarmWindowsPermille) of 1000 allowed"
      )
    case .confirmed:
      let words = "\(evidence.confirmedFound) of \(evidence.confirmed) windows found that people confirmed to be bad"
      return (evidence.confirmedPermille, Double(mustFindConfirmedPermille), words)
    case .calibration:
      let words = "mean probability off by \(Int(evidence.calibrationPermille)) of 1000 over \(evidence.known) known windows"
      return (evidence.calibrationPermille, Self.mostCalibrationPermille, words)
    case .p99:
      return (
        evidence.longestMicroseconds, Double(maxP99Microseconds),
        "\(evidence.slow) of \(windows) windows took more than \(maxP99Microseconds) µs, the longest "
          + "\(Int(evidence.longestMicroseconds)) µs"
      )
    case .finite: return (Double(evidence.notFinite), 0, "\(evidence.notFinite) scores that are no number")
    }
  }
}

extension RoadEvidence {
  fileprivate var confirmedPermille: Double { confirmed == 0 ? 1000 : 1000 * Double(confirmedFound) / Double(confirmed) }

  fileprivate var calibrationPermille: Double {
    known == 0 ? 0 : 1000 * abs(probability - Double(knownBad)) / Double(known)
  }
}

extension [GateReading] {
  /// The first that failed.
  package var failure: GateReading? { first { $0.state == .failed } }
  package var allPassed: Bool { allSatisfy { $0.state == .passed } }
}
