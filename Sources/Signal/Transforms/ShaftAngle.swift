/// The shaft's angle in the course of a recording: when it had turned how far, from a tacho's pulses or from a recorded speed.
package struct ShaftAngle: Sendable {
  /// Ascending: turns at the known moments, and these in seconds since the recording's first sample.
  private let turns, seconds: [Double]
  private let course: Course

  /// How it goes on between two of them.
  private enum Course {
    /// A cubic in the angle, with these seconds per turn at the known moments.
    case cubic(slopes: [Double])
    /// The speed goes evenly from one value, in turns per second, to the next.
    case ramps(speeds: [Double])
  }

  /// From pulses at equal angles. Time is interpolated over angle by cubics (K. R. Fyfe, E. D. S. Munck, "Analysis of computed
  /// order tracking", Mech. Syst. Signal Process. 11, 1997) whose slopes are those of the parabola through three pulses.
  /// - Parameters:
  ///   - pulses: seconds, ascending, four or more; refused where one is missing (an interval more than 1.75 times as long as both its
  ///     neighbours) or one is too many (one as short, or two that together are about as long as their neighbours).
  ///   - perTurn: 1 or more.
  package init(pulses: [Double], perTurn: Int) throws(SignalError) {
    let step = 1 / Double(max(1, perTurn))
    try Self.check(pulses, "pulse", least: 4)
    try Self.checkIntervals(of: pulses)
    seconds = pulses
    turns = pulses.indices.map { Double($0) * step }
    course = .cubic(slopes: Self.slopes(pulses, step: step))
  }

  /// From speeds, which change evenly from one to the next.
  /// - Parameters:
  ///   - speeds: turns per second, above 0, at `seconds`; two or more.
  package init(speeds: [Double], seconds: [Double]) throws(SignalError) {
    try Self.check(seconds, "speed", least: 2)
    guard speeds.count == seconds.count, let wrong = Optional(speeds.firstIndex { !($0 > 0 && $0.isFinite) }) else {
      throw SignalError("follow shaft", "by \(speeds.count) speeds", reason: "\(seconds.count) times were given")
    }
    if let wrong {
      let reason = "speed \(wrong + 1) is \(speeds[wrong].short), only a shaft that turns can be followed"
      throw SignalError("follow shaft", "by \(speeds.count) speeds", reason: reason)
    }
    self.seconds = seconds
    var turns = [0.0]
    for k in 1..<speeds.count { turns.append(turns[k - 1] + (speeds[k - 1] + speeds[k]) / 2 * (seconds[k] - seconds[k - 1])) }
    self.turns = turns
    course = .ramps(speeds: speeds)
  }

  /// How far the shaft turns while its angle is known, from 0 on.
  package var turnsRange: ClosedRange<Double> { turns[0]...turns[turns.count - 1] }

  /// Slowest and fastest speed at the known moments, turns per second.
  package var speedsHz: ClosedRange<Double> {
    let speeds: [Double]
    switch course {
    case .cubic(let slopes): speeds = slopes.map { 1 / $0 }
    case .ramps(let given): speeds = given
    }
    return (speeds.min() ?? 1)...(speeds.max() ?? 1)
  }

  /// When the shaft has turned so far; within `turnsRange`.
  package func seconds(atTurns angle: Double) -> Double {
    let last = turns.count - 2
    var (low, high) = (0, last)
    while low < high {
      let middle = (low + high + 1) / 2
      if turns[middle] <= angle { low = middle } else { high = middle - 1 }
    }
    return seconds(atTurns: angle, after: low)
  }

  /// The last angle, of a few billionths, that the shaft has reached by then.
  package func turns(atSeconds time: Double) -> Double {
    var (low, high) = (turnsRange.lowerBound, turnsRange.upperBound)
    if seconds(atTurns: high) <= time { return high }
    while high - low > 1e-9 * max(1, high) {
      let middle = (low + high) / 2
      if seconds(atTurns: middle) <= time { low = middle } else { high = middle }
    }
    return low
  }

  private func seconds(atTurns angle: Double, after k: Int) -> Double {
    let (way, whole) = (angle - turns[k], turns[k + 1] - turns[k])
    switch course {
    case .ramps(let speeds):
      let acceleration = (speeds[k + 1] - speeds[k]) / (seconds[k + 1] - seconds[k])
      let squared = max(0, speeds[k] * speeds[k] + 2 * acceleration * way)
      return seconds[k] + 2 * way / (speeds[k] + squared.squareRoot())
    case .cubic(let slopes):
      let (u, jump) = (way / whole, seconds[k + 1] - seconds[k])
      let (a, b) = (slopes[k] * whole - jump, slopes[k + 1] * whole - jump)
      return seconds[k] + u * (jump + (1 - u) * ((1 - u) * a - u * b))
    }
  }
}

extension ShaftAngle {
  private static func check(_ seconds: [Double], _ what: String, least: Int) throws(SignalError) {
    let object = "by \(seconds.count) \(what)s"
    guard seconds.count >= least else { throw SignalError("follow shaft", object, reason: "\(least) or more are needed") }
    for k in seconds.indices where !seconds[k].isFinite || (k > 0 && seconds[k] <= seconds[k - 1]) {
      throw SignalError("follow shaft", object, reason: "the time of \(what) \(k + 1) is not after that of the one before")
    }
  }

  private static func checkIntervals(of pulses: [Double]) throws(SignalError) {
    let intervals = zip(pulses.dropFirst(), pulses).map { $0 - $1 }
    for k in 1..<intervals.count - 1 {
      let (own, least, most) = (intervals[k], min(intervals[k - 1], intervals[k + 1]), max(intervals[k - 1], intervals[k + 1]))
      let isHalf = k + 2 < intervals.count && isSplit(own, intervals[k + 1], between: intervals[k - 1], intervals[k + 2])
      guard own > oddInterval * most || own * oddInterval < least || isHalf else { continue }
      let what = own > most ? "a pulse is missing" : "there is a pulse too many"
      throw SignalError("follow shaft", "by \(pulses.count) pulses", reason: "\(what) after \(pulses[k].short) s")
    }
  }

  private static let oddInterval = 1.75

  private static func isSplit(_ a: Double, _ b: Double, between before: Double, _ after: Double) -> Bool {
    max(a, b) < 0.8 * min(before, after) && a + b < 1.35 * max(before, after)
  }

  /// Seconds per turn: of the parabola through a pulse and its neighbours, at the ends through the three next to it.
  private static func slopes(_ pulses: [Double], step: Double) -> [Double] {
    let last = pulses.count - 1
    return pulses.indices.map { k in
      switch k {
      case 0: (4 * pulses[1] - 3 * pulses[0] - pulses[2]) / (2 * step)
      case last: (3 * pulses[last] - 4 * pulses[last - 1] + pulses[last - 2]) / (2 * step)
      default: (pulses[k + 1] - pulses[k - 1]) / (2 * step)
      }
    }
  }
}
