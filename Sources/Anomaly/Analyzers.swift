import Signal

/// The analysers and the scratch memory of one worker, shared by all its points. Used by one thread at a time.
package final class Analyzers {
  /// Every shape costs a few hundred kilobytes; a plant has few. Beyond this many all are made anew.
  private static let mostShapes = 16

  private var windows: [Shape: WindowAnalyzer] = [:]
  private var samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: 4096)
  private var result = UnsafeMutableBufferPointer<Float>.allocate(capacity: 64)

  private struct Shape: Hashable {
    var sampleCount: Int
    var sampleRateHz: Double
  }

  package init() {}

  deinit {
    samples.deallocate()
    result.deallocate()
  }

  /// - Returns: the features of the ring's window, valid until the next call; `nil` for a window that cannot be analysed.
  func features(of window: SampleRing, sampleRateHz: Double) -> UnsafeBufferPointer<Float>? {
    guard let analyzer = windowAnalyzer(Shape(sampleCount: window.count, sampleRateHz: sampleRateHz)) else { return nil }
    let features = UnsafeMutableBufferPointer(rebasing: result[..<analyzer.featureNames.count])
    analyzer.analyze(latest(window.count, of: window), into: features)
    return UnsafeBufferPointer(features)
  }

  /// Velocity RMS 10 to 1000 Hz of the ring's block, mm/s; `nil` where the rate does not carry it.
  func velocityRMS(of block: SampleRing, sampleRateHz: Double, unit: SignalUnit) -> Double? {
    nil
  }

  private func windowAnalyzer(_ shape: Shape) -> WindowAnalyzer? {
    if let known = windows[shape] { return known }
    if windows.count >= Self.mostShapes { windows.removeAll() }
    let made = try? WindowAnalyzer(sampleCount: shape.sampleCount, sampleRateHz: shape.sampleRateHz)
    windows[shape] = made
    return made
  }

  private func latest(_ count: Int, of ring: SampleRing) -> UnsafeBufferPointer<Float> {
    if samples.count < count {
      samples.deallocate()
      samples = .allocate(capacity: count)
    }
    let target = UnsafeMutableBufferPointer(rebasing: samples[..<count])
    ring.copyLatest(into: target)
    return UnsafeBufferPointer(target)
  }
}
