/// The signal moves, but for a while it stood at one value, as when samples were lost on the way and filled up.
/// A coarse converter holds its steps as well; there the rest hardly moves either.
enum Dropout: SampleCheck {
  /// Outside the run, at least this part of neighbours differ.
  static let leastChangingPart = 0.5

  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    let count = samples.samples.count
    let thresholds = samples.thresholds
    let least = max(thresholds.dropoutSamples, Int((thresholds.dropoutPart * Double(count)).rounded(.up)))
    guard count - 1 - samples.changes >= least - 1 else { return nil }
    let run = longestRun(samples.samples)
    guard run >= least, run < count else { return nil }
    return Double(samples.changes) >= leastChangingPart * Double(count - run) ? .dropout : nil
  }

  private static func longestRun(_ samples: UnsafeBufferPointer<Float>) -> Int {
    var (longest, run) = (1, 1)
    for n in 1..<samples.count {
      run = samples[n] == samples[n - 1] ? run + 1 : 1
      longest = max(longest, run)
    }
    return longest
  }
}
