import Signal

/// What a point remembers from one start of the daemon to the next, apart from its baseline and model: one row of the store.
/// It is committed together with the frames that changed it.
package struct PointState: Sendable, Equatable {
  /// Debounced.
  package var verdict: Verdict = .abstain(.noData)
  package var zone: SeverityZone?
  /// Velocity RMS in the severity's band, of the last block, mm/s.
  package var velocityRMS: Double?
  /// The same while the point learned.
  package var reference = VelocityReference()
  /// Joint score of the last window; 1 is the warning limit of the calibrated margin.
  package var score: Double?
  /// Probability of an anomaly, 0 to 1, of the last window that was scored.
  package var probability: Double?
  /// The baseline was too small to calibrate the margin on; a wider, fixed one is used.
  package var uncalibrated = false
  package var operatingState: OperatingState = .unknown
  package var baseline = BaselineProgress()
  package var modelVersion: String?
  package var debounce = Debounce()
  /// When the last usable frame was taken, or else received.
  package var lastFrameAt: UnixTime?
  package var lastSampleDigest: UInt64 = 0
  /// Frames accepted that wait in a half-filled window; their samples are not kept.
  package var pendingFrames = 0

  package init() {}

  /// As it is before anything was learned, or decided with what was learned.
  package mutating func forgetBaseline() {
    verdict = .abstain(.learning)
    reference = VelocityReference()
    (score, probability, uncalibrated, modelVersion) = (nil, nil, false, nil)
    baseline = BaselineProgress()
    debounce = Debounce()
  }
}

extension Explanation {
  /// What is known of a point that stands in warning or alarm when no window of it is at hand.
  package static func standing(_ state: PointState) -> Explanation {
    let zone = state.zone.map { "zone \($0.rawValue)" } ?? "no zone"
    let velocity = state.velocityRMS.map { ", \($0.short) mm/s" } ?? ""
    return Explanation(
      words: "It stood in \(state.verdict.name) when it counted again: \(zone)\(velocity). The next window explains it.",
      decidedBy: [], zone: state.zone, velocityRmsMmS: state.velocityRMS, probability: state.probability, score: state.score,
      uncalibrated: state.uncalibrated, contributions: [], lines: [], spectrum: nil)
  }
}

/// What the store kept of a point over a restart.
package struct RestoredPoint: Sendable {
  package var state: PointState
  package var sequences: SequenceRanges
  /// By their numbers; needed only while the point learns.
  package var baseline: [BaselineWindow]
  /// `PointModel.encoded()`; a model that does not decode is learned anew.
  package var model: [UInt8]?
  /// `WatchRecord.bytes`; what does not decode begins anew.
  package var watch: [UInt8]?

  package init(
    state: PointState, sequences: SequenceRanges = SequenceRanges(), baseline: [BaselineWindow] = [], model: [UInt8]? = nil,
    watch: [UInt8]? = nil
  ) {
    self.watch = watch
    self.state = state
    self.sequences = sequences
    self.baseline = baseline
    self.model = model
  }
}

package struct BaselineProgress: Sendable, Equatable {
  package enum Phase: String, Sendable { case none, learning, ready }
  package var phase = Phase.none
  package var windows = 0
  package var windowsWanted = 0

  package init() {}

  /// 0 to 1.
  package var fraction: Double {
    phase == .ready ? 1 : windowsWanted == 0 ? 0 : min(1, Double(windows) / Double(windowsWanted))
  }
}

/// The last 32 window verdicts as bits, newest lowest: a verdict stands when enough of the latest agree.
package struct Debounce: Sendable, Equatable {
  package var warnings: UInt32 = 0
  package var alarms: UInt32 = 0

  package init() {}
}
