import Signal

/// What a machine's scalars said last: one reading of each quantity, and the newest speeds with their times.
/// Not kept over a restart: a value that old says nothing about the machine now.
package struct MachineReadings: Sendable {
  package static let mostSpeeds = 32
  /// How far in time a speed may be from a frame where its source declares no interval.
  package static let toleranceSeconds = 10.0
  /// Of the source's `expected_interval_s`, where it declares one.
  package static let toleranceIntervals = 1.5
  /// Revolutions per minute; what is beyond turns no shaft.
  package static let speeds = 0.0...1_000_000

  private var newest: [ScalarQuantity: Reading] = [:]
  /// In order of arrival.
  private var timed: [TimedSpeed] = []

  private struct TimedSpeed {
    var rpm: Double
    var captured: UnixTime?
    var receivedAt: UnixTime
    var toleranceSeconds: Double
  }

  package init() {}

  /// The reading of that quantity that arrived last, from whichever point of the machine.
  package func latest(_ quantity: ScalarQuantity) -> Reading? { newest[quantity] }

  /// A number that is none, or no shaft's, is left out.
  package mutating func take(_ reading: Reading, expectedIntervalSeconds: Double? = nil) {
    guard reading.value.isFinite else { return }
    newest[reading.quantity] = reading
    guard let rpm = reading.speedRPM.map(abs), Self.speeds.contains(rpm) else { return }
    if timed.count == Self.mostSpeeds { timed.removeFirst() }
    timed.append(
      TimedSpeed(
        rpm: rpm, captured: reading.time, receivedAt: reading.receivedAt,
        toleranceSeconds: expectedIntervalSeconds.map { Self.toleranceIntervals * $0 } ?? Self.toleranceSeconds))
  }

  /// Speed measured nearest in time to the frame's middle, revolutions per minute; of two as near the later arrival. By capture time
  /// where both have one, by arrival otherwise. `nil` where none is near enough.
  package func speedRPM(at frame: Frame) -> Double? {
    var nearest: (distance: Double, rpm: Double)?
    for speed in timed {
      let distance = distance(speed, frame)
      if distance <= speed.toleranceSeconds, distance <= nearest?.distance ?? .infinity { nearest = (distance, speed.rpm) }
    }
    return nearest?.rpm
  }

  private func distance(_ speed: TimedSpeed, _ frame: Frame) -> Double {
    guard let captured = speed.captured, let start = frame.startTime else {
      return abs(frame.receivedAt.seconds(since: speed.receivedAt))
    }
    return abs(captured.seconds(since: start.advanced(bySeconds: frame.durationSeconds / 2)))
  }
}
