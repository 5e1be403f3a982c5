/// What a bearing defect line stands for.
package enum BearingLine: String, Sendable, CaseIterable {
  case bpfo = "BPFO"
  case bpfi = "BPFI"
  case doubleBSF = "2xBSF"
  case ftf = "FTF"

  func order(_ multiples: BearingMultiples) -> Double {
    switch self {
    case .bpfo: multiples.bpfo
    case .bpfi: multiples.bpfi
    case .doubleBSF: 2 * multiples.bsf
    case .ftf: multiples.ftf
    }
  }

  /// What its harmonics are modulated by, in orders of the shaft: a defect of the inner race passes the load zone once a turn of
  /// the shaft, one of a rolling element once a turn of the cage. `nil`: nothing moves it through the load zone.
  func modulation(_ multiples: BearingMultiples) -> Double? {
    switch self {
    case .bpfi: 1
    case .doubleBSF: multiples.ftf
    case .bpfo, .ftf: nil
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
  /// Mean over the first three harmonics, or as many as a squared envelope's band holds, of amplitude over local floor.
  package let ratioToFloor: Double
  /// How many of the first three stand out by themselves; of the cage's, of the first six.
  package let harmonics: Int
  /// Distance of the sidebands that stand on both sides of the fundamental; `nil` where they do not.
  package let sidebandsHz: Double?
  /// Spectra averaged: the more, the less chance lifts a bin.
  package let averages: Int

  package init(
    line: BearingLine, frequencyHz: Double, amplitude: Double, ratioToFloor: Double, harmonics: Int, sidebandsHz: Double? = nil,
    averages: Int = 1
  ) {
    (self.line, self.frequencyHz, self.amplitude) = (line, frequencyHz, amplitude)
    (self.ratioToFloor, self.harmonics, self.sidebandsHz) = (ratioToFloor, harmonics, sidebandsHz)
    self.averages = averages
  }
}

/// Looks for the lines of bearing defects.
package enum FaultLines {
  package static let harmonicCount = 3
  /// Each harmonic may lie off by this part of the fundamental: slip, and a speed not quite as declared.
  static let tolerance = 0.02
  /// A harmonic, and a sideband, is said to stand when it is this high above the floor.
  static let leastHarmonicRatio = 3.0
  static let leastSidebandRatio = 2.0
  /// Harmonics of the cage that are counted.
  package static let cageHarmonicCount = 6

  /// - Parameter shaftHz: revolutions per second, above 0.
  /// - Returns: one measurement per line, in the order of `BearingLine`.
  package static func find(in spectrum: EnvelopeSpectrumResult, shaftHz: Double, multiples: BearingMultiples) -> [LineMeasurement]
  {
    let search = LineSearch(spectrum: spectrum, shaftHz: shaftHz)
    return BearingLine.allCases.map { measure($0, search, multiples) }
  }

  private static func measure(_ line: BearingLine, _ search: LineSearch, _ multiples: BearingMultiples) -> LineMeasurement {
    let fundamentalHz = line.order(multiples) * search.shaftHz
    let peaks = (1...(line == .ftf ? cageHarmonicCount : harmonicCount)).map {
      search.peak(near: Double($0) * fundamentalHz, within: tolerance * fundamentalHz)
    }
    let present = min(harmonicCount, max(1, Int(min(search.spectrum.highestHz / fundamentalHz, 1e9))))
    return LineMeasurement(
      line: line, frequencyHz: peaks[0]?.frequencyHz ?? fundamentalHz, amplitude: peaks[0]?.amplitude ?? 0,
      ratioToFloor: peaks.prefix(present).reduce(0) { $0 + ($1?.ratio ?? 0) } / Double(present),
      harmonics: peaks.count { ($0?.ratio ?? 0) >= leastHarmonicRatio },
      sidebandsHz: peaks[0].flatMap { sidebands(of: $0.frequencyHz, line, search, multiples) },
      averages: search.spectrum.averages)
  }

  private static func sidebands(
    of centreHz: Double, _ line: BearingLine, _ search: LineSearch, _ multiples: BearingMultiples
  ) -> Double? {
    guard let distanceHz = line.modulation(multiples).map({ $0 * search.shaftHz }) else { return nil }
    let stand = [-distanceHz, distanceHz].allSatisfy {
      (search.peak(near: centreHz + $0, within: search.spectrum.resolutionHz)?.ratio ?? 0) >= leastSidebandRatio
    }
    return stand ? distanceHz : nil
  }
}
