/// One numbered stream of events to the plane (docs/PROTOCOL). Each has its own sequence, chain and position.
/// In order of urgency: what comes first is sent first, and rests last when the day's bytes run short.
package enum Lane: String, Sendable, CaseIterable, Codable {
  case alarm, event
  /// The points' histories and the ledger's totals.
  case trend
  /// Waveform and spectrum around an event, in parts.
  case evidence
  /// Feature vectors and healthy waveforms for training.
  case sample

  /// What people read as it happens; the others carry measurements.
  package static let told: [Lane] = [.alarm, .event]
}
