/// What a bearing defect line stands for.
package enum BearingLine: String, Sendable, CaseIterable {
  case bpfo = "BPFO"
  case bpfi = "BPFI"
  case doubleBSF = "2xBSF"
  case ftf = "FTF"

  /// The part that a standing line accuses.
  package var fault: NamedFault {
    switch self {
    case .bpfo: .outer
    case .bpfi: .inner
    case .doubleBSF: .ball
    case .ftf: .cage
    }
  }

  func order(_ multiples: BearingMultiples) -> Double {
    switch self {
    case .bpfo: multiples.bpfo
    case .bpfi: multiples.bpfi
    case .doubleBSF: 2 * multiples.bsf
    case .ftf: multiples.ftf
    }
  }
}

package enum NamedFault: String, Sendable, CaseIterable { case outer, inner, ball, cage }

/// One defect line with its harmonics, as found in an envelope spectrum.
package struct LineMeasurement: Sendable, Equatable {
  package let line: BearingLine
  /// Where the fundamental was found, or where it was looked for when all of its range lies on shaft harmonics.
  package let frequencyHz: Double
  /// Of the fundamental, in the spectrum's unit.
  package let amplitude: Double
  /// Mean over the first three harmonics of amplitude over local floor.
  package let ratioToFloor: Double
  /// How many of them stand out by themselves.
  package let harmonics: Int
}

/// Looks for the lines of bearing defects. Tried on MFPT and CWRU: see docs/SIGNAL.md.
package enum FaultLines {
  package static let harmonicCount = 3
  /// Each harmonic may lie off by this part of the fundamental: slip, and a speed not quite as declared.
  static let tolerance = 0.02
  /// Lines this near to a harmonic of the shaft, as a part of it, may be the shaft's.
  static let shaftTolerance = 0.01
  /// The floor is the median this far around a line, without its two neighbours on each side.
  static let floorHalfWidthHz = 20.0
  /// A fault is named when its line stands this high above the floor, …
  package static let leastRatio = 4.0
  /// … and this much higher than the next best.
  package static let leastLead = 1.5

  /// - Parameter shaftHz: revolutions per second, above 0.
  /// - Returns: one measurement per line, in the order of `BearingLine`.
  package static func find(in spectrum: EnvelopeSpectrumResult, shaftHz: Double, multiples: BearingMultiples) -> [LineMeasurement]
  {
    BearingLine.allCases.map { line in
      let fundamentalHz = line.order(multiples) * shaftHz
      let peaks = (1...harmonicCount).map {
        peak(near: Double($0) * fundamentalHz, within: tolerance * fundamentalHz, in: spectrum, shaftHz: shaftHz)
      }
      return LineMeasurement(
        line: line, frequencyHz: peaks[0]?.frequencyHz ?? fundamentalHz, amplitude: peaks[0]?.amplitude ?? 0,
        ratioToFloor: peaks.reduce(0) { $0 + ($1?.ratio ?? 0) } / Double(harmonicCount),
        harmonics: peaks.count { ($0?.ratio ?? 0) >= leastRatio })
    }
  }

  /// The part at fault, or `nil`: rather silent than wrong.
  package static func name(_ lines: [LineMeasurement]) -> NamedFault? {
    let ranked = lines.sorted { $0.ratioToFloor > $1.ratioToFloor }
    guard let best = ranked.first, best.ratioToFloor >= leastRatio else { return nil }
    let next = ranked.dropFirst().first?.ratioToFloor ?? 0
    return best.ratioToFloor >= leastLead * next ? best.line.fault : nil
  }

  private typealias Peak = (frequencyHz: Double, amplitude: Double, ratio: Double)

  /// The highest bin of the range that is not the shaft's; at least one bin to each side is looked at.
  private static func peak(
    near centreHz: Double, within halfWidthHz: Double, in spectrum: EnvelopeSpectrumResult, shaftHz: Double
  ) -> Peak? {
    let resolution = spectrum.resolutionHz
    let halfWidth = max(halfWidthHz, resolution)
    let first = max(1, Int(((centreHz - halfWidth) / resolution).rounded(.up)))
    let last = Int((centreHz + halfWidth) / resolution)
    guard first <= last, last < spectrum.amplitude.count else { return nil }
    let candidates = (first...last).filter { !isShaft(Double($0) * resolution, shaftHz, resolution) }
    guard let bin = candidates.max(by: { spectrum.amplitude[$0] < spectrum.amplitude[$1] }) else { return nil }
    let (amplitude, floor) = (Double(spectrum.amplitude[bin]), floor(around: bin, in: spectrum))
    return floor > 0 ? (Double(bin) * resolution, amplitude, amplitude / floor) : nil
  }

  private static func isShaft(_ frequencyHz: Double, _ shaftHz: Double, _ resolutionHz: Double) -> Bool {
    let harmonicHz = (frequencyHz / shaftHz).rounded() * shaftHz
    return harmonicHz > 0 && abs(frequencyHz - harmonicHz) < max(shaftTolerance * harmonicHz, resolutionHz)
  }

  private static func floor(around bin: Int, in spectrum: EnvelopeSpectrumResult) -> Double {
    let width = Int(floorHalfWidthHz / spectrum.resolutionHz)
    let bins = max(1, bin - width)..<min(spectrum.amplitude.count, bin + width + 1)
    let surroundings = bins.filter { abs($0 - bin) > 2 }.map { spectrum.amplitude[$0] }.sorted()
    return surroundings.isEmpty ? 0 : Double(surroundings[surroundings.count / 2])
  }
}
