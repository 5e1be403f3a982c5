import Anomaly
import Contracts
import Glibc
import Signal
import Store

/// A month without a plane, told in simulated time: every point a trend row a minute; now and then something in the
/// lane of alarms, and evidence.
struct Month {
  let points: [PointID]
  let days: Int
  /// The month ends now, as the wall clock tells.
  let start: UnixTime
  private var dice = SplitMix64(seed: 7)

  init(points: Int, days: Int, endingAt end: UnixTime) {
    self.points = (1...max(1, points)).map { PointID(machine: "m\($0)", point: "de") }
    self.days = days
    start = end.advanced(bySeconds: -86_400 * Double(days))
  }

  /// An hour is a commit.
  mutating func write(to store: Store) throws {
    for hour in 0..<days * 24 {
      var change = Change()
      for (index, point) in points.enumerated() { change.points.append(outcome(of: point, index, hour)) }
      try commit(change, to: store)
    }
  }

  /// As the daemon does: what cannot be written now is tried again.
  private func commit(_ change: Change, to store: Store) throws {
    for _ in 0..<600 {
      do { return try store.commit(change) } catch {
        say("failed \(error.kind) \(error)")
        guard [.full, .inputOutput, .failed].contains(error.kind) else { throw error }
      }
      usleep(100_000)
    }
    try store.commit(change)
  }

  private mutating func outcome(of point: PointID, _ index: Int, _ hour: Int) -> PointOutcome {
    var outcome = PointOutcome(point: point, state: PointState())
    outcome.ledger.received = 3600
    outcome.ledger.analysed = 3600
    for minute in 0..<60 {
      outcome.trend.append(
        TrendRow(
          time: time(hour, minute), velocityRMS: 1 + noise(), rms: 2 + noise(), kurtosis: 3 + noise(), probability: noise(),
          verdict: .normal))
    }
    // Each point has two events in the lane of alarms every two days, and evidence.
    guard (hour + 3 * index).isMultiple(of: 48) else { return outcome }
    let at = time(hour, 59)
    outcome.occurrences = [true, false].map { occurrence(point, at, isRaised: $0) }
    outcome.waveforms = [
      WaveformSnapshot(
        point: point, cause: .alarm, time: at, samples: (0..<12_800).map { _ in Float(noise()) }, sampleRateHz: 12_800,
        unit: .metrePerSecondSquared)
    ]
    return outcome
  }

  private func occurrence(_ point: PointID, _ time: UnixTime, isRaised: Bool) -> Occurrence {
    let answer = PointAnswer(by: "technician", until: nil, note: "bearing looked at, velocity 9.1 mm/s in zone D")
    return Occurrence(
      arrival: 0, time: time, subject: point.description, kind: isRaised ? .outOfService(answer) : .inService(answer))
  }

  private func time(_ hour: Int, _ minute: Int) -> UnixTime { start.advanced(bySeconds: Double(hour * 3600 + minute * 60)) }
  private mutating func noise() -> Double { Double(dice.next() % 100_000) / 100_000 }
}
