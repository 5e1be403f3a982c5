import Signal

/// How many waveforms of one point are kept without anybody asking: three at once, then one in ten minutes. A point that raises
/// and clears all day long would else fill the disk, and the link, with more of the same.
struct EvidencePace: Sendable, Equatable {
  static let most = 3.0
  static let secondsEach = 600.0
  private var left = most
  private var countedAt: UnixTime?

  /// - Returns: whether there is room for one now; it is taken.
  mutating func take(at time: UnixTime) -> Bool {
    if let countedAt { left = min(Self.most, left + max(0, time.seconds(since: countedAt)) / Self.secondsEach) }
    countedAt = time
    guard left >= 1 else { return false }
    left -= 1
    return true
  }
}
