/// Whether a frame's samples can be what a sensor on a machine measured. A new check is a new file and a line in THE LIST.
///
/// What needs the frame's neighbours in time (late, gap, wrong length or rate for the point) is the pipeline's to see.
package protocol SampleCheck: Sendable {
  static func fault(in samples: SurveyedSamples) -> SampleFault?
}

/// THE LIST, in the order of asking: the first fault found is the frame's.
package enum SampleChecks {
  package static let all: [any SampleCheck.Type] = [
    NotFinite.self, Stuck.self, OutOfRange.self, Bias.self, Clipped.self, Dropout.self, Spikes.self, Repeated.self,
  ]

  /// In whatever unit, no sensor measures as much.
  package static let largestMagnitude: Float = 1e12

  /// - Parameters:
  ///   - previousDigest: of the same point's frame before; `nil` when there was none.
  ///   - measuringRange: largest magnitude the sensor can measure, in the frame's unit; `nil` where it is not declared.
  package static func fault(
    in frame: Frame, previousDigest: UInt64?, measuringRange: Double? = nil, thresholds: CheckThresholds = CheckThresholds()
  ) -> SampleFault? {
    frame.samples.withUnsafeBufferPointer { buffer in
      let surveyed = SurveyedSamples(buffer, digest: frame.sampleDigest, previousDigest: previousDigest)
      return surveyed.flatMap { fault(in: $0, measuringRange, thresholds) }
    }
  }

  /// Of samples that are no frame, such as a recording's window: nothing came before that they could repeat.
  package static func fault(in samples: UnsafeBufferPointer<Float>, measuringRange: Double? = nil) -> SampleFault? {
    let surveyed = SurveyedSamples(samples, digest: 0, previousDigest: nil)
    return surveyed.flatMap { fault(in: $0, measuringRange, CheckThresholds()) }
  }

  private static func fault(in samples: SurveyedSamples, _ measuringRange: Double?, _ thresholds: CheckThresholds) -> SampleFault?
  {
    var samples = samples
    (samples.measuringRange, samples.thresholds) = (measuringRange, thresholds)
    for check in all {
      if let fault = check.fault(in: samples) { return fault }
    }
    return nil
  }
}

/// Why samples are set aside.
package enum SampleFault: String, Sendable, CaseIterable {
  case notFinite = "not_finite"
  case stuck, range, bias, clipped, dropout, spikes, repeated
}

/// Samples with the figures that most checks ask for, taken in one pass.
package struct SurveyedSamples {
  package let samples: UnsafeBufferPointer<Float>
  package let minimum: Float
  package let maximum: Float
  /// Infinities and NaNs.
  package let notFinite: Int
  /// Neighbours that differ, of `samples.count - 1`.
  package let changes: Int
  package let digest: UInt64
  package let previousDigest: UInt64?
  /// Largest magnitude the sensor can measure.
  package var measuringRange: Double?
  package var thresholds = CheckThresholds()

  /// - Returns: `nil` when there is no sample.
  init?(_ samples: UnsafeBufferPointer<Float>, digest: UInt64, previousDigest: UInt64?) {
    guard let base = samples.baseAddress, !samples.isEmpty else { return nil }
    self.samples = samples
    (minimum, maximum, notFinite, changes) = Kernels.survey(base, count: samples.count)
    self.digest = digest
    self.previousDigest = previousDigest
  }

  func count(within range: ClosedRange<Float>) -> Int {
    guard let base = samples.baseAddress else { return 0 }
    return Kernels.count(base, count: samples.count, within: range)
  }
}
