/// A standing alarm is looked into again after every minute of samples: a bearing may begin to fail on a machine that shakes already.
struct Diagnoses: Sendable {
  private var fault: String?
  private var windows = 0

  private static let intervalSeconds = 60.0

  /// To be asked once a window.
  mutating func isDue(_ stream: SampleStream, _ verdict: Verdict) -> Bool {
    guard verdict.priority != nil else { return false }
    windows += 1
    return Double(windows * stream.window.hop) >= Self.intervalSeconds * stream.sampleRateHz
  }

  /// - Parameter named: as the explanation just made names it; a fault that is not seen for once is not gone.
  /// - Returns: whether it is another than was told last.
  mutating func isNews(_ named: String?) -> Bool {
    windows = 0
    guard let named, named != fault else { return false }
    fault = named
    return true
  }
}
