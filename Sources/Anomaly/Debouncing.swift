extension Debounce {
  /// - Parameter verdict: of one window; what is neither normal, warning nor alarm leaves no trace.
  mutating func push(_ verdict: Verdict) {
    guard verdict == .normal || verdict.priority != nil else { return }
    warnings = warnings << 1 | (verdict.priority == nil ? 0 : 1)
    alarms = alarms << 1 | (verdict == .alarm ? 1 : 0)
  }

  /// The verdict that stands after the latest window: up when enough agree, down only after a run without. What was not decided
  /// becomes normal by a window that is, and by no strange one that others have yet to confirm.
  func verdict(after standing: Verdict, _ settings: DebounceSettings) -> Verdict {
    if Self.stands(alarms, settings, held: standing == .alarm) { return .alarm }
    if Self.stands(warnings, settings, held: standing.priority != nil) { return .warning }
    if case .abstain = standing, Self.latest(warnings, 1) != 0 { return .abstain(.unconfirmed) }
    return .normal
  }

  private static func stands(_ bits: UInt32, _ settings: DebounceSettings, held: Bool) -> Bool {
    if count(bits, of: settings.of) >= settings.raise { return true }
    return held && latest(bits, settings.clear) != 0
  }

  /// Of the newest so many bits, those that are set.
  static func count(_ bits: UInt32, of newest: Int) -> Int { latest(bits, newest).nonzeroBitCount }

  private static func latest(_ bits: UInt32, _ count: Int) -> UInt32 {
    count >= 32 ? bits : bits & (1 << UInt32(max(1, count)) - 1)
  }
}

extension Verdict {
  /// `nil` for what raises no alarm.
  package var priority: Alarm.Priority? {
    switch self {
    case .warning: .warning
    case .alarm: .alarm
    case .normal, .abstain, .suppressed: nil
    }
  }
}
