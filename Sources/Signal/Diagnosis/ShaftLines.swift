/// Velocity in one line of a spectrum, and how far it stands out.
package struct ShaftLine: Sendable, Equatable {
  /// `0.5x`, `1x`, … of the shaft, `gear mesh`, `blade pass`, `2x line`, `1x - pole pass`.
  package let name: String
  package let frequencyHz: Double
  /// mm/s RMS of the line, with what its window spreads over the two bins on either side.
  package let velocityRMS: Double
  /// Velocity of the line over that of as many bins at the median of the 20 Hz on either side.
  package let ratioToFloor: Double

  package var stands: Bool { ratioToFloor >= Self.leastRatio }

  /// A Hann line of five bins in noise alone reaches 2.
  static let leastRatio = 4.0
}

/// What turns on a machine besides its bearings, as far as it is known.
package struct MachineParts: Sendable, Equatable {
  /// Teeth of the gear on this shaft.
  package var teeth: Int?
  /// Blades or vanes on this shaft.
  package var blades: Int?
  /// Of the mains or the inverter's output, where an electric motor drives.
  package var lineHz: Double?
  /// Of that motor, even.
  package var poles: Int?

  package init(teeth: Int? = nil, blades: Int? = nil, lineHz: Double? = nil, poles: Int? = nil) {
    (self.teeth, self.blades, self.lineHz, self.poles) = (teeth, blades, lineHz, poles)
  }

  /// How much slower the shaft turns than the motor's field, turns per second: 2 · line / poles − shaft.
  /// - Returns: `nil` where it is not known, or the shaft is not that motor's: it turns faster than the field, or 15 % slower.
  package func slipHz(shaftHz: Double) -> Double? {
    guard let lineHz, let poles, poles > 0 else { return nil }
    let fieldHz = 2 * lineHz / Double(poles)
    return (0.85 * fieldHz...fieldHz).contains(shaftHz) ? fieldHz - shaftHz : nil
  }

  /// At this distance from a line, as sidebands, show what goes round with the slip, as a broken rotor bar does: poles × slip.
  package func polePassHz(shaftHz: Double) -> Double? {
    slipHz(shaftHz: shaftHz).flatMap { slip in poles.map { Double($0) * slip } }
  }
}

/// Lines of a machine's own velocity spectrum: harmonics of the shaft, and what its parts make of it.
package struct ShaftLines: Sendable, Equatable {
  /// 0.5, 1, 1.5, 2, 3 … 10 times the shaft.
  package let harmonics: [Double: ShaftLine]
  package let gearMesh: ShaftLine?
  /// Of the gear mesh, a shaft's rate below and above.
  package let gearSidebands: [ShaftLine]
  package let bladePass: ShaftLine?
  package let twiceLine: ShaftLine?
  /// Of 1x, then of twice the line frequency, the pole-pass frequency below and above; `nil` where the resolution does not part
  /// them from the line.
  package let polePass: [ShaftLine?]
  /// mm/s RMS of all bins from 2 Hz on.
  package let overall: Double

  static let orders = [0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10]

  /// - Parameter shaftHz: revolutions per second, above 0.
  package init(in spectrum: VelocityDensity, shaftHz: Double, parts: MachineParts = MachineParts()) {
    let named = { (name: String, hz: Double?) in hz.flatMap { spectrum.line(name, at: $0) } }
    harmonics = Dictionary(
      uniqueKeysWithValues: Self.orders.compactMap { order in
        named("\(order == order.rounded() ? "\(Int(order))" : "\(order)")x", order * shaftHz).map { (order, $0) }
      })
    let meshHz = parts.teeth.map { Double($0) * shaftHz }
    gearMesh = named("gear mesh", meshHz)
    gearSidebands = [-1.0, 1].compactMap { side in
      named("gear mesh \(side < 0 ? "-" : "+") 1x", meshHz.map { $0 + side * shaftHz })
    }
    bladePass = named("blade pass", parts.blades.map { Double($0) * shaftHz })
    twiceLine = named("2x line", parts.lineHz.map { 2 * $0 })
    let polePassHz = parts.polePassHz(shaftHz: shaftHz)
    polePass = [("1x", shaftHz), ("2x line", parts.lineHz.map { 2 * $0 })].flatMap { name, hz in
      [-1.0, 1].map { side -> ShaftLine? in
        guard let hz, let polePassHz, polePassHz >= VelocityDensity.partedBins * spectrum.resolutionHz else { return nil }
        return spectrum.sideband("\(name) \(side < 0 ? "-" : "+") pole pass", of: hz, at: side * polePassHz)
      }
    }
    overall = spectrum.overall
  }
}

/// One-sided density of vibration velocity, (mm/s)²/Hz, behind a Hann window: the mean over the segments of a block.
package struct VelocityDensity: Sendable {
  package let resolutionHz: Double
  /// Bin k at k · resolution; bins below 2 Hz are 0, for to integrate lifts drift there.
  package let density: [Float]

  package static let lowestHz = 2.0
  private static let floorHalfWidthHz = 20.0
  /// A Hann window's main lobe, in bins to each side.
  private static let lobe = 2

  package init(resolutionHz: Double, density: [Float]) {
    (self.resolutionHz, self.density) = (resolutionHz, density)
  }

  /// So far apart, a Hann window's lobes leave two lines a valley.
  package static let partedBins = 5.0

  /// A line beside another one, which is the foot of that where it is no peak of its own: 0 then, and does not stand.
  func sideband(_ name: String, of hz: Double, at distanceHz: Double) -> ShaftLine? {
    guard let found = line(name, at: hz + distanceHz, halfWidthHz: resolutionHz) else { return nil }
    let bin = Int((found.frequencyHz / resolutionHz).rounded())
    let isPeak = density[bin] >= density[bin - 1] && density[bin] >= density[bin + 1]
    return isPeak ? found : ShaftLine(name: name, frequencyHz: hz + distanceHz, velocityRMS: 0, ratioToFloor: 0)
  }

  var overall: Double { (density.reduce(0) { $0 + Double($1) } * resolutionHz).squareRoot() }

  /// The highest line within 1 %, or a bin, of a frequency; `nil` where the spectrum does not reach.
  func line(_ name: String, at frequencyHz: Double) -> ShaftLine? {
    line(name, at: frequencyHz, halfWidthHz: max(0.01 * frequencyHz, resolutionHz))
  }

  private func line(_ name: String, at frequencyHz: Double, halfWidthHz halfWidth: Double) -> ShaftLine? {
    let first = Int(((frequencyHz - halfWidth) / resolutionHz).rounded(.up))
    let last = Int((frequencyHz + halfWidth) / resolutionHz)
    guard first >= 1 + Self.lobe, first <= last, last + Self.lobe < density.count,
      let bin = (first...last).max(by: { density[$0] < density[$1] })
    else { return nil }
    let meanSquare = density[bin - Self.lobe...bin + Self.lobe].reduce(0) { $0 + Double($1) } * resolutionHz
    let floor = Double(floor(around: bin)) * resolutionHz * Double(2 * Self.lobe + 1)
    return ShaftLine(
      name: name, frequencyHz: Double(bin) * resolutionHz, velocityRMS: meanSquare.squareRoot(),
      ratioToFloor: floor > 0 ? (meanSquare / floor).squareRoot() : 0)
  }

  private func floor(around bin: Int) -> Float {
    let width = max(2 * Self.lobe + 1, Int(Self.floorHalfWidthHz / resolutionHz))
    let bins = max(1, bin - width)..<min(density.count, bin + width + 1)
    let surroundings = bins.filter { abs($0 - bin) > Self.lobe && density[$0] > 0 }.map { density[$0] }.sorted()
    return surroundings.isEmpty ? 0 : surroundings[surroundings.count / 2]
  }
}
