/// Finds lines in an envelope spectrum that are not the shaft's, and the floor they stand on.
struct LineSearch {
  let spectrum: EnvelopeSpectrumResult
  let shaftHz: Double

  typealias Peak = (frequencyHz: Double, amplitude: Double, ratio: Double)

  /// Lines this near to a harmonic of the shaft, as a part of it, may be the shaft's.
  private static let shaftTolerance = 0.01
  /// The floor is the median this far around a line, without its two neighbours on each side.
  static let floorHalfWidthHz = 20.0

  /// The highest bin of the range that is not the shaft's; at least one bin to each side is looked at.
  func peak(near centreHz: Double, within halfWidthHz: Double) -> Peak? {
    let resolution = spectrum.resolutionHz
    let halfWidth = max(halfWidthHz, resolution)
    let first = max(1, Int(((centreHz - halfWidth) / resolution).rounded(.up)))
    let last = Int((centreHz + halfWidth) / resolution)
    guard first <= last, last < end else { return nil }
    let candidates = (first...last).filter { !isShaft(Double($0) * resolution) }
    guard let bin = candidates.max(by: { spectrum.amplitude[$0] < spectrum.amplitude[$1] }) else { return nil }
    let (amplitude, floor) = (Double(spectrum.amplitude[bin]), floor(around: bin))
    return floor > 0 ? (Double(bin) * resolution, amplitude, amplitude / floor) : nil
  }

  /// Of the bins that hold something.
  private var end: Int { min(spectrum.amplitude.count, Int(min(spectrum.highestHz / spectrum.resolutionHz, 1e15)) + 1) }

  private func isShaft(_ frequencyHz: Double) -> Bool {
    let harmonicHz = (frequencyHz / shaftHz).rounded() * shaftHz
    return harmonicHz > 0 && abs(frequencyHz - harmonicHz) < max(Self.shaftTolerance * harmonicHz, spectrum.resolutionHz)
  }

  private func floor(around bin: Int) -> Double {
    let width = Int(Self.floorHalfWidthHz / spectrum.resolutionHz)
    let bins = max(1, bin - width)..<min(end, bin + width + 1)
    let surroundings = bins.filter { abs($0 - bin) > 2 }.map { spectrum.amplitude[$0] }.sorted()
    return surroundings.isEmpty ? 0 : Double(surroundings[surroundings.count / 2])
  }
}
