/// Why a message could not be used. Kept, counted, acknowledged; never guessed at.
package enum QuarantineReason: String, Sendable, CaseIterable {
  // the message
  case noSource = "no_source"
  case tooManyPoints = "too_many_points"
  case invalidName = "invalid_name"
  case emptyPayload = "empty_payload"
  case tooLarge = "too_large"
  case malformed
  case wrongLength = "wrong_length"
  case wrongUnit = "wrong_unit"
  case wrongRate = "wrong_rate"
  case noPulses = "no_pulses"
  // the samples
  case notFinite = "not_finite"
  case clipped, stuck, dropout, spikes, range, bias, repeated, late
  case clockJump = "clock_jump"
}

/// Why a frame that was good did not get its window.
package enum DropReason: String, Sendable, CaseIterable {
  /// It waited in a half-filled window when the process ended.
  case restart
  /// It waited in a half-filled window when its neighbour did not come.
  case gap
  /// The store could not be written, and decisions went on without it (`store.on_full = "volatile"`).
  case unstored
  /// Its count was lost with a damaged page of the store.
  case salvage
}

/// What became of the frames of one point: `received = analysed + pending + quarantined + duplicate + dropped`.
/// Also the form of a change: counts to be added, `pending` as a signed difference.
package struct Ledger: Sendable, Equatable {
  package var received = 0
  package var analysed = 0
  package var pending = 0
  package var duplicate = 0
  /// Lost before Thrum, as far as the source's own numbering tells; stands beside the sum.
  package var missing = 0
  package var quarantined: [QuarantineReason: Int] = [:]
  package var dropped: [DropReason: Int] = [:]

  package init() {}

  package var quarantinedTotal: Int { quarantined.values.reduce(0, +) }
  package var droppedTotal: Int { dropped.values.reduce(0, +) }
  package var balances: Bool { received == analysed + pending + quarantinedTotal + duplicate + droppedTotal }

  package static func += (sum: inout Self, change: Self) {
    sum.received += change.received
    sum.analysed += change.analysed
    sum.pending += change.pending
    sum.duplicate += change.duplicate
    sum.missing += change.missing
    sum.quarantined.merge(change.quarantined, uniquingKeysWith: +)
    sum.dropped.merge(change.dropped, uniquingKeysWith: +)
  }
}
