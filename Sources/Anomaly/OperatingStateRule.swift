import Signal

/// What configuration says about when a machine runs.
package struct OperatingStateSettings: Sendable, Equatable {
  /// Slower than this it stands, revolutions per minute; judged only where a speed comes with the frames.
  package var stoppedBelowRPM = 10.0
  /// A motor that draws less than this stands, A; judged where a current of the machine comes.
  package var stoppedBelowAmperes: Double?
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
/// steady: nothing is known of a change. Where no limit is set, what was learned gives one: a fifth of the mean level is none
/// that the running machine shows, and a level under half of it may be on its way there, for as long as it takes to settle.
struct OperatingStateRule: Sendable {
  private let settings: OperatingStateSettings
  private(set) var state: OperatingState
  /// The speed that stands, and since when.
  private var anchorRPM: Double?
  private var unsteadySince: UnixTime?
  private var seenAt: UnixTime?
  /// Since when the level is lower than the running machine's, without being none.
  private var sinkingSince: UnixTime?

  private static let restartFactor = 1.2
  private static let steadyPart = 0.03
  static let stoppedPart = 0.2
  private static let sinkingPart = 0.5
  static let silentPart = 0.002

  /// - Parameter state: what stood before a restart.
  init(_ settings: OperatingStateSettings, state: OperatingState = .unknown) {
    self.settings = settings
    self.state = state
  }

  /// - Parameters:
  ///   - speedRPM: measured; `nil` where none came. A speed that is only configured tells nothing.
  ///   - rms: of the window, in the source's unit.
  ///   - currentAmperes: what the machine's motor draws; `nil` where nobody measured it lately.
  ///   - learnedRMS: mean over the running machine's baseline; `nil` while there is none.
  mutating func take(speedRPM: Double?, rms: Double, currentAmperes: Double? = nil, learnedRMS: Double? = nil, at time: UnixTime)
  {
    let speedRPM = speedRPM.flatMap { $0.isFinite ? abs($0) : nil }
    let limitRMS = settings.stoppedBelowRMS ?? learnedRMS.map { Self.stoppedPart * $0 }
    let current = settings.stoppedBelowAmperes.flatMap { limit in currentAmperes.map { ($0, limit) } }
    guard speedRPM != nil || current != nil || limitRMS != nil else { return state = .unknown }
    let isAfterPause = seenAt.map { abs(time.seconds(since: $0)) > settings.settleSeconds } ?? true
    seenAt = time
    if stands(speedRPM, current, (rms, limitRMS)) {
      (state, anchorRPM, unsteadySince, sinkingSince) = (.stopped, nil, nil, nil)
      return
    }
    if state == .stopped, !isAfterPause { unsteadySince = time }
    follow(speedRPM, isAfterPause, time)
    let isDeclared = speedRPM != nil || current != nil || settings.stoppedBelowRMS != nil
    let isSilent = learnedRMS.map { rms < Self.silentPart * $0 } ?? false
    let sinks = speedRPM == nil && current == nil && !isSilent && sinks(rms, learnedRMS, at: time)
    state = unsteadySince != nil || sinks ? .transient : isDeclared ? .steady : .unknown
  }

  /// A low level is judged once it has stayed for as long as a machine takes to settle.
  private mutating func sinks(_ rms: Double, _ learnedRMS: Double?, at time: UnixTime) -> Bool {
    guard let learnedRMS, rms < Self.sinkingPart * learnedRMS else {
      sinkingSince = nil
      return false
    }
    let since = sinkingSince ?? time
    sinkingSince = since
    return time.seconds(since: since) < settings.settleSeconds
  }

  /// The speed tells before the current, the current before the level.
  private func stands(_ speedRPM: Double?, _ current: (value: Double, limit: Double)?, _ level: (rms: Double, limit: Double?))
    -> Bool
  {
    let factor = state == .stopped ? Self.restartFactor : 1
    if let speedRPM { return speedRPM < settings.stoppedBelowRPM * factor }
    if let current { return abs(current.value) < current.limit * factor }
    guard let limit = level.limit else { return false }
    // Quieter than any machine that stands among others: an input without a sensor. Where a limit is declared, that tells.
    if settings.stoppedBelowRMS == nil, level.rms < Self.silentPart / Self.stoppedPart * limit { return false }
    return level.rms < limit * factor
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
