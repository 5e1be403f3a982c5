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

  /// - Parameter needed: windows to be seen before it may go on.
  package func readings(_ evidence: RoadEvidence, needed: Int) -> [GateReading] {
    [
      windows(evidence, needed), alarmRate(evidence, needed), confirmed(evidence), calibration(evidence, needed),
      p99(evidence, needed),
      finite(evidence),
    ]
  }

  private func windows(_ evidence: RoadEvidence, _ needed: Int) -> GateReading {
    GateReading(
      gate: .windows, state: evidence.windows >= needed ? .passed : .open, value: Double(evidence.windows), limit: Double(needed),
      words: "\(evidence.windows) of \(needed) windows")
  }

  /// Fails as soon as it cannot be kept any more.
  private func alarmRate(_ evidence: RoadEvidence, _ needed: Int) -> GateReading {
    let allowed = max(needed, evidence.windows) * Int(maxAlarmWindowsPermille) / 1000
    let permille = 1000 * Double(evidence.raisedAlone) / Double(max(1, evidence.windows))
    return GateReading(
      gate: .alarmRate, state: evidence.raisedAlone > allowed ? .failed : evidence.windows >= needed ? .passed : .open,
      value: permille, limit: Double(maxAlarmWindowsPermille),
      words:
        "\(evidence.raisedAlone) of \(evidence.windows) windows raised by it alone, \(maxAlarmWindowsPermille) of 1000 allowed")
  }

  private func confirmed(_ evidence: RoadEvidence) -> GateReading {
    let permille = evidence.confirmed == 0 ? 1000 : 1000 * Double(evidence.confirmedFound) / Double(evidence.confirmed)
    return GateReading(
      gate: .confirmed, state: permille >= Double(mustFindConfirmedPermille) ? .passed : .failed, value: permille,
      limit: Double(mustFindConfirmedPermille),
      words: "\(evidence.confirmedFound) of \(evidence.confirmed) windows found that people confirmed to be bad")
  }

  private func calibration(_ evidence: RoadEvidence, _ needed: Int) -> GateReading {
    let error = evidence.known == 0 ? 0 : 1000 * abs(evidence.probability - Double(evidence.knownBad)) / Double(evidence.known)
    let isWrong = error > Self.mostCalibrationPermille
    return GateReading(
      gate: .calibration, state: evidence.windows < needed ? .open : isWrong ? .failed : .passed, value: error,
      limit: Self.mostCalibrationPermille,
      words: "mean probability off by \(Int(error)) of 1000 over \(evidence.known) known windows")
  }

  private func p99(_ evidence: RoadEvidence, _ needed: Int) -> GateReading {
    let isSlow = evidence.slow > max(Self.slowAllowed, evidence.windows / 100)
    return GateReading(
      gate: .p99, state: isSlow ? .failed : evidence.windows >= needed ? .passed : .open, value: evidence.longestMicroseconds,
      limit: Double(maxP99Microseconds),
      words: "\(evidence.slow) of \(evidence.windows) windows took more than \(maxP99Microseconds) µs, the longest "
        + "\(Int(evidence.longestMicroseconds)) µs")
  }

  private func finite(_ evidence: RoadEvidence) -> GateReading {
    GateReading(
      gate: .finite, state: evidence.notFinite > 0 ? .failed : .passed, value: Double(evidence.notFinite), limit: 0,
      words: "\(evidence.notFinite) scores that are no number")
  }
}

extension [GateReading] {
  /// The first that failed.
  package var failure: GateReading? { first { $0.state == .failed } }
  package var allPassed: Bool { allSatisfy { $0.state == .passed } }
}
