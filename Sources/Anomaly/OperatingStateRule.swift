import Signal

/// What configuration says about when a machine runs.
package struct OperatingStateSettings: Sendable, Equatable {
  /// Slower than this it stands, revolutions per minute; judged only where a speed comes with the frames.
  package var stoppedBelowRPM = 10.0
  /// A window whose RMS lies below this, in the source's unit, is of a machine that stands; `nil`: its level does not tell.
  package var stoppedBelowRMS: Double?
  /// How long after a start, or a change of speed, the machine counts as not yet steady.
  package var settleSeconds = 10.0

  package init() {}
}

/// Whether a machine stands, changes its speed, or runs steadily, as far as its speed or its level tell.
///
/// It stands below a limit and runs again 20 % above it. A change of speed by more than 3 % makes it transient until the new
/// speed has stood for `settleSeconds`; so does a start. What is seen first, or after a pause longer than that, counts as
/// steady: nothing is known of a change.
struct OperatingStateRule: Sendable {
  private let settings: OperatingStateSettings
  private(set) var state: OperatingState
  /// The speed that stands, and since when.
  private var anchorRPM: Double?
  private var unsteadySince: UnixTime?
  private var seenAt: UnixTime?

  private static let restartFactor = 1.2
  private static let steadyPart = 0.03

  /// - Parameter state: what stood before a restart.
  init(_ settings: OperatingStateSettings, state: OperatingState = .unknown) {
    self.settings = settings
    self.state = state
  }

  /// - Parameters:
  ///   - speedRPM: measured; `nil` where none came. A speed that is only configured tells nothing.
  ///   - rms: of the window, in the source's unit.
  mutating func take(speedRPM: Double?, rms: Double, at time: UnixTime) {
    let speedRPM = speedRPM.flatMap { $0.isFinite ? abs($0) : nil }
    guard speedRPM != nil || settings.stoppedBelowRMS != nil else { return state = .unknown }
    let isAfterPause = seenAt.map { abs(time.seconds(since: $0)) > settings.settleSeconds } ?? true
    seenAt = time
    if stands(speedRPM, rms) {
      (state, anchorRPM, unsteadySince) = (.stopped, nil, nil)
      return
    }
    if state == .stopped, !isAfterPause { unsteadySince = time }
    follow(speedRPM, isAfterPause, time)
    state = unsteadySince == nil ? .steady : .transient
  }

  private func stands(_ speedRPM: Double?, _ rms: Double) -> Bool {
    let factor = state == .stopped ? Self.restartFactor : 1
    if let speedRPM { return speedRPM < settings.stoppedBelowRPM * factor }
    return settings.stoppedBelowRMS.map { rms < $0 * factor } ?? false
  }

  private mutating func follow(_ speedRPM: Double?, _ isAfterPause: Bool, _ time: UnixTime) {
    let hasChanged = speedRPM.map { speed in anchorRPM.map { abs(speed - $0) > Self.steadyPart * $0 } ?? true } ?? false
    if isAfterPause { unsteadySince = nil } else if hasChanged, anchorRPM != nil { unsteadySince = time }
    if hasChanged { anchorRPM = speedRPM }
    if let since = unsteadySince, time.seconds(since: since) >= settings.settleSeconds { unsteadySince = nil }
  }
}

extension OperatingState {
  /// Why nothing is to be judged; `nil`: it runs, as far as anybody knows.
  var suppression: SuppressionReason? {
    switch self {
    case .stopped: .stopped
    case .transient: .transient
    case .steady, .unknown: nil
    }
  }
}
