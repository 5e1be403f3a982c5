import Signal

/// Looks over a point's shoulder while it judges: for models that are tried beside the one at work, and for the record.
/// Called on the way to the commit: whatever takes long is done elsewhere.
package protocol WindowTap: AnyObject, Sendable {
  /// - Parameter samples: the window's; a copy is made by asking.
  func take(_ window: SeenWindow, samples: () -> [Float])
}

/// A window, and all that was said of it. Its features are valid during the call only.
package struct SeenWindow {
  package var shape: ModelShape
  package var time: UnixTime
  package var speedRPM: Double?
  /// Those that every window has.
  package var features: UnsafeBufferPointer<Float>
  /// Of the zone and of its change; `nil` where no rule applies.
  package var rules: Verdict?
  /// By the model that the point has learned itself; `nil` where there is none that fits.
  package var learned: Score?
  /// The version of the model that speaks; `nil` where none does.
  package var modelVersion: String?
  /// By the delivered model at work; `nil` where none is.
  package var delivered: Delivered?
  /// Of this window alone.
  package var verdict: Verdict
  /// Debounced: before this window and with it.
  package var stood: Verdict
  package var stands: Verdict

  package struct Delivered {
    package var name: String
    package var judgement: DeliveredModel.Judgement
    package var tookNanoseconds: UInt64
  }

  /// Where a machine stands still or changes its speed nothing is judged.
  package var isJudged: Bool { if case .suppressed = verdict { false } else { true } }
}
