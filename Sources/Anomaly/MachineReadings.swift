import Signal

/// What a machine's other points said last: one reading of each quantity, the newest speeds with their times, and the lines of
/// a point along the shaft.
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

  /// What a vibration point of the machine said of it last.
  private var operating: (state: OperatingState, receivedAt: UnixTime)?
  /// What is older says nothing of the machine now.
  private static let operatingSeconds = 600.0

  package mutating func take(_ state: OperatingState, at time: UnixTime) { operating = (state, time) }

  /// The machine stands, or has just been started, as far as its vibration tells.
  func isAtRest(at time: UnixTime) -> Bool {
    guard let operating, abs(time.seconds(since: operating.receivedAt)) <= Self.operatingSeconds else { return false }
    return operating.state.suppression != nil
  }

  /// Of an axial point, as of when its block was whole.
  package var axial: AxialLines?

  package struct AxialLines: Sendable {
    package var lines: ShaftLines
    package var receivedAt: UnixTime

    package init(lines: ShaftLines, receivedAt: UnixTime) { (self.lines, self.receivedAt) = (lines, receivedAt) }
  }

  package init() {}

  /// An axial point's lines, where they are not older than that.
  func axialLines(at time: UnixTime, within seconds: Double) -> ShaftLines? {
    axial.flatMap { abs(time.seconds(since: $0.receivedAt)) <= seconds ? $0.lines : nil }
  }

  /// What a motor draws, A; `nil` where nobody measured it within the last minute.
  func currentAmperes(at time: UnixTime) -> Double? {
    guard let reading = latest(.current), abs(time.seconds(since: reading.receivedAt)) <= 60 else { return nil }
    return reading.unit == .milliampere ? reading.value / 1000 : reading.value
  }

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
