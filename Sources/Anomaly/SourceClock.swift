import Signal

/// The clock of one source, as its capture times show it: whether a frame's time can be believed.
///
/// A time more than an hour before the newest, or more than a day further on than the gateway's own clock went meanwhile, is a jump. One
/// such frame may be a slip of the source, so it is not used and does not move the clock; a second one that goes on from there says
/// that the clock was set, and is believed.
struct SourceClock: Sendable {
  /// Capture time of the newest frame taken.
  private(set) var newest: UnixTime?
  /// When that came; unknown after a restart.
  private var receivedAt: UnixTime?
  /// A frame whose time jumped, until another one goes on from it or from the newest.
  private var suspected: (capture: UnixTime, receivedAt: UnixTime)?
  private let longestStepSeconds: Double

  static let backwardsSeconds = 3600.0
  static let forwardsSeconds = 86_400.0

  /// - Parameter expectedIntervalSeconds: sources that send more rarely than once in twelve hours may step by two of their intervals.
  init(newest: UnixTime?, expectedIntervalSeconds: Double?) {
    self.newest = newest
    longestStepSeconds = max(Self.forwardsSeconds, 2 * (expectedIntervalSeconds ?? 0))
  }

  /// Whether the frame's time is neither near the newest nor goes on from one that jumped before.
  func jumps(_ frame: some Arrival) -> Bool { isFar(frame) && !wasSet(frame) }

  /// Whether the frame goes on from one whose time jumped: the source's clock was set.
  func wasSet(_ frame: some Arrival) -> Bool {
    guard let suspected, let start = frame.startTime, isFar(frame) else { return false }
    let step = start.seconds(since: suspected.capture)
    return step > 0 && step - max(0, frame.receivedAt.seconds(since: suspected.receivedAt)) <= longestStepSeconds
  }

  private func isFar(_ frame: some Arrival) -> Bool {
    guard let start = frame.startTime, let newest else { return false }
    let step = start.seconds(since: newest)
    guard step >= -Self.backwardsSeconds else { return true }
    guard let receivedAt else { return false }
    return step - max(0, frame.receivedAt.seconds(since: receivedAt)) > longestStepSeconds
  }

  mutating func take(_ frame: some Arrival) {
    suspected = nil
    guard let start = frame.startTime else { return }
    (newest, receivedAt) = (start, frame.receivedAt)
  }

  mutating func suspect(_ frame: some Arrival) {
    guard let start = frame.startTime else { return }
    suspected = (start, frame.receivedAt)
  }
}
