import Signal

/// What is said of a signal that is not the machine's own, or not at its own state: an alarm or an abstention, never `normal`.
package struct StrangeInputRow: Sendable, Encodable {
  package var dataSet: String
  package var input: String
  package var recordings = 0
  /// Windows by what was said of them before debouncing.
  package var windows = 0, normalWindows = 0, alarmWindows = 0, abstainedWindows = 0
  /// Windows after which the point stood in `normal`, debounced.
  package var stoodNormal = 0
  /// Why windows were not decided.
  package var reasons: [String: Int] = [:]
  /// Frames that failed a check, by reason: they reach no window.
  package var refusedFrames: [String: Int] = [:]
  /// Recordings by the debounced verdict at their end, with the reason of an abstention.
  package var standing: [String: Int] = [:]

  /// Of every data set with a model.
  static func table(_ groups: [JudgedGroup], _ progress: (String) -> Void) -> [StrangeInputRow] {
    Set(groups.map(\.dataSet)).sorted().flatMap { set in
      let own = groups.filter { $0.dataSet == set }
      return inputs.compactMap { name, change in
        progress("\(set), \(name)")
        var row = StrangeInputRow(dataSet: set, input: name)
        for group in own { row.add(group, change, others: groups.filter { $0.name != group.name }) }
        return row.recordings == 0 ? nil : row
      }
    }
  }

  private init(dataSet: String, input: String) { (self.dataSet, self.input) = (dataSet, input) }

  private mutating func add(_ group: JudgedGroup, _ change: Change, others: [JudgedGroup]) {
    for healthy in group.healthy {
      guard let strange = change(healthy.stretch, others) else { continue }
      let replay = group.judge.replay(strange)
      recordings += 1
      windows += replay.seen.count
      alarmWindows += replay.seen.count { $0.isAlarm }
      stoodNormal += replay.seen.count { $0.verdict == .normal }
      abstainedWindows += replay.seen.count { !$0.isAlarm && $0.isUndecided }
      for reason in replay.seen.compactMap(\.said.reason) { reasons[reason, default: 0] += 1 }
      for (reason, count) in replay.outcome.ledger.quarantined { refusedFrames[reason.rawValue, default: 0] += count }
      let last = replay.outcome.state.verdict
      standing[last.reason.map { "\(last.name): \($0)" } ?? last.name, default: 0] += 1
    }
    normalWindows = windows - alarmWindows - abstainedWindows
  }
}

// MARK: - What should not be there

extension StrangeInputRow {
  fileprivate typealias Change = @Sendable (_ healthy: RecordedStretch, _ others: [JudgedGroup]) -> RecordedStretch?

  private static let inputs: [(name: String, change: Change)] = [
    ("none", { stretch, _ in stretch }),
    ("sensor_dead", { stretch, _ in Disturbance.gain(0, "").applied(to: stretch, seed: 0) }),
    ("sensor_unplugged", { stretch, _ in unplugged.applied(to: stretch, seed: 0) }),
    ("other_machine", otherMachine),
    ("half_the_speed", { stretch, _ in Disturbance.resampled(2, "").applied(to: stretch, seed: 0) }),
    ("gain_doubled", { stretch, _ in Disturbance.gain(2, "").applied(to: stretch, seed: 0) }),
  ]

  /// what an open input picks up: noise 60 dB below the machine.
  private static let unplugged = Disturbance(name: "sensor_unplugged") { samples, random in
    let deviation = 1e-3 * Disturbance.deviation(samples)
    return samples.map { _ in Float(deviation * random.gaussian()) }
  }

  /// As if wired to this input: at its rate and speed. Of another data set where there is one, else of another point.
  @Sendable private static func otherMachine(_ healthy: RecordedStretch, _ others: [JudgedGroup]) -> RecordedStretch? {
    let candidates = others.flatMap(\.healthy).filter { $0.stretch.unit == healthy.unit }
    guard let other = candidates.first(where: { $0.stretch.sampleRateHz != healthy.sampleRateHz }) ?? candidates.first else {
      return nil
    }
    var strange = healthy
    let length = healthy.snapshots.map(\.count).min() ?? 0
    strange.snapshots = other.stretch.snapshots.filter { $0.count >= min(length, 2048) }
    return strange.snapshots.isEmpty ? nil : strange
  }
}
