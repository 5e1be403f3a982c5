import Signal

/// The analysers and the scratch memory of one worker, shared by all its points. Used by one thread at a time.
package final class Analyzers {
  /// Every shape costs up to a few megabytes; a plant has few. Beyond this many all are made anew.
  private static let mostShapes = 16

  private var windows: [Shape: WindowAnalyzer] = [:]
  private var blocks: [Shape: BlockAnalyzer] = [:]
  private var samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: 4096)
  private var result = UnsafeMutableBufferPointer<Float>.allocate(capacity: Analyzers.featureNames.count)

  private struct Shape: Hashable {
    var sampleCount: Int
    var sampleRateHz: Double
    var velocityBandHz = SeverityBand.usual
    var segmentSeconds = 1.0
  }

  package init() {}

  deinit {
    samples.deallocate()
    result.deallocate()
  }

  /// Of a learned window, in their order.
  package static let featureNames = FeatureExtractors.learned.flatMap { $0.names }

  /// - Returns: the features of the ring's window, valid until the next call; `nil` for a window that cannot be analysed.
  func features(of window: SampleRing, sampleRateHz: Double) -> UnsafeBufferPointer<Float>? {
    guard let analyzer = windowAnalyzer(Shape(sampleCount: window.count, sampleRateHz: sampleRateHz)) else { return nil }
    analyzer.analyze(latest(of: window, window.count), into: result)
    return UnsafeBufferPointer(result)
  }

  /// A copy of the ring's window.
  func samples(of window: SampleRing) -> [Float] { Array(latest(of: window, window.count)) }

  /// What `features` gave last.
  var latestFeatures: UnsafeBufferPointer<Float> { UnsafeBufferPointer(result) }

  /// Velocity RMS in the band, Hz, of the ring's block, mm/s; `nil` where rate or block do not carry it.
  func velocityRMS(of block: SampleRing, bandHz: ClosedRange<Double>, sampleRateHz: Double, unit: SignalUnit) -> Double? {
    let shape = Shape(sampleCount: block.count, sampleRateHz: sampleRateHz, velocityBandHz: bandHz)
    return blockAnalyzer(shape)?.velocityRMS(latest(of: block, block.count), unit: unit)
  }

  /// Displacement RMS in the same band, µm; `nil` where the band begins at 10 Hz.
  func displacementRMS(of block: SampleRing, bandHz: ClosedRange<Double>, sampleRateHz: Double, unit: SignalUnit) -> Double? {
    let shape = Shape(sampleCount: block.count, sampleRateHz: sampleRateHz, velocityBandHz: bandHz)
    return blockAnalyzer(shape)?.displacementRMS(latest(of: block, block.count), unit: unit)
  }

  /// Of the stream's block for diagnosis, or while that is not whole of its block for severity; `nil` without either.
  func envelopeSpectrum(of stream: SampleStream) -> EnvelopeSpectrumResult? {
    guard let shape = diagnosisShape(stream) else { return nil }
    return blockAnalyzer(shape)?.envelopeSpectrum(latest(of: stream.block, shape.sampleCount))
  }

  /// Of the same samples.
  func velocityDensity(of stream: SampleStream) -> VelocityDensity? {
    guard let shape = diagnosisShape(stream) else { return nil }
    return blockAnalyzer(shape)?.velocityDensity(latest(of: stream.block, shape.sampleCount), unit: stream.unit)
  }

  /// The latest samples at hand, at most `most`.
  func waveform(of stream: SampleStream, most: Int) -> [Float] {
    let ring = stream.block.held > stream.window.held ? stream.block : stream.window
    return Array(latest(of: ring, min(most, ring.held)))
  }

  private func diagnosisShape(_ stream: SampleStream) -> Shape? {
    let block = stream.block
    guard block.count > 0, block.held >= block.count else { return nil }
    let isWhole = block.held == block.capacity
    return Shape(
      sampleCount: isWhole ? block.capacity : block.count, sampleRateHz: stream.sampleRateHz,
      segmentSeconds: isWhole ? stream.diagnosis.segmentSeconds : 1)
  }

  private func windowAnalyzer(_ shape: Shape) -> WindowAnalyzer? {
    if let known = windows[shape] { return known }
    if windows.count >= Self.mostShapes { windows.removeAll() }
    windows[shape] = try? WindowAnalyzer(
      sampleCount: shape.sampleCount, sampleRateHz: shape.sampleRateHz, list: FeatureExtractors.learned)
    return windows[shape]
  }

  private func blockAnalyzer(_ shape: Shape) -> BlockAnalyzer? {
    if let known = blocks[shape] { return known }
    if blocks.count >= Self.mostShapes { blocks.removeAll() }
    blocks[shape] = try? BlockAnalyzer(
      sampleCount: shape.sampleCount, sampleRateHz: shape.sampleRateHz, velocityBandHz: shape.velocityBandHz,
      segmentSeconds: shape.segmentSeconds)
    return blocks[shape]
  }

  private func latest(of ring: SampleRing, _ count: Int) -> UnsafeBufferPointer<Float> {
    if samples.count < count {
      samples.deallocate()
      samples = .allocate(capacity: count)
    }
    let target = UnsafeMutableBufferPointer(rebasing: samples[..<count])
    ring.copyLatest(into: target)
    return UnsafeBufferPointer(target)
  }
}
