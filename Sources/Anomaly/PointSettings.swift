import Signal

/// What configuration says about a point.
package struct PointSettings: Sendable, Equatable {
  /// Samples one detection looks at: even, 64 to 65,536.
  package var windowSamples = 4096
  /// Part of a window that the next one looks at again, 0 to 0.9.
  package var overlap = 0.5
  /// Samples per second that the source declares; a frame of another rate is quarantined. `nil`: whatever comes.
  package var sampleRateHz: Double?
  /// Seconds between the starts of two frames. Where it exceeds 1.5 frames, frames do not join into windows.
  package var expectedIntervalSeconds: Double?
  /// Limits of velocity RMS, from the machine's evaluation class.
  package var severity: SeverityLimits?
  /// Of displacement RMS, µm; used where the band begins below 10 Hz.
  package var displacementLimits: SeverityLimits?
  /// Band of the velocity RMS, Hz; a lower edge below 10 Hz makes blocks of ten of its periods.
  package var severityBandHz = SeverityBand.usual
  /// Largest magnitude the sensor can measure, in the source's unit.
  package var measuringRange: Double?
  /// From where on the sensor's checks object.
  package var checks = CheckThresholds()
  /// Of a block for severity at least, seconds; `nil`: a second, or ten periods of the band's beginning.
  package var severityBlockSeconds: Double?
  package var operatingState = OperatingStateSettings()
  /// Shaft speed where the frame does not tell, revolutions per minute.
  package var speedRPM: Double?
  /// Of the point's bearing, in orders of the shaft.
  package var bearing: BearingMultiples?
  /// Gears, blades and supply of the machine, for what its shaft's lines are consistent with.
  package var parts = MachineParts()
  /// Measured along the shaft: its lines tell other causes than those of a radial point.
  package var isAxial = false
  /// Healthy windows to learn from; 0: no learned detectors.
  package var baselineWindows = 500
  package var debounce = DebounceSettings()
  /// This point's share of its machine's false alarms.
  package var budget = FalseAlarmBudget()

  package init() {}

  /// The stretch that a diagnosis of this shaft and bearing needs.
  /// - Parameter speedRPM: as the frame tells it.
  func diagnosis(speedRPM: Double?) -> DiagnosisBlock {
    DiagnosisBlock(shaftHz: (speedRPM ?? self.speedRPM).map { $0 / 60 }, multiples: bearing)
  }

  /// What to hold for it: more where the speed comes with the frames, for it may fall.
  func diagnosis(of frame: Frame) -> DiagnosisBlock {
    let needed = diagnosis(speedRPM: frame.speedRPM)
    return frame.speedRPM == nil ? needed : needed.withReserve
  }

  /// Of a block for severity: the longer it is, the nearer to the band's edge a tone is told inside or outside.
  var blockSeconds: Double { max(SeverityBand.blockSeconds(severityBandHz), severityBlockSeconds ?? 0) }

  var staleAfterSeconds: Double? { expectedIntervalSeconds.map { Silence.intervals * $0 } }

  /// Samples from the start of a window to the start of the next.
  var hopSamples: Int { max(1, min(windowSamples, Int((Double(windowSamples) * (1 - overlap)).rounded()))) }
}

/// How many windows must agree before a point's verdict changes. All counts are 1 to 32.
package struct DebounceSettings: Sendable, Equatable {
  /// This many of the last `of` windows raise.
  package var raise = 3
  package var of = 5
  /// This many quiet windows in a row clear.
  package var clear = 10
  /// And so many seconds without one that agrees with what stands.
  package var offDelaySeconds = 60.0

  package init(raise: Int = 3, of: Int = 5) {
    self.raise = raise
    self.of = of
  }
}

/// When a source that promises an interval is silent.
enum Silence {
  /// So many of its intervals without a frame: a burst that comes a little late is no silence.
  static let intervals = 1.5
}
