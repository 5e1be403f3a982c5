/// An evaluation class: which machines it is for, its limits, and who says so.
package struct SeverityClass: Sendable, Equatable {
  /// As `iso20816-3/group2/rigid`.
  package var name: String
  package var limits: SeverityLimits
  /// Of displacement RMS, µm, for machines below 600 r/min: the worse zone counts; `nil`: velocity alone.
  package var displacementLimits: SeverityLimits?
  /// Rated power of the machines it is for, kW; `nil`: any.
  package var powerKilowatts: ClosedRange<Double>?
  /// Shaft speed of the machines it is for, revolutions per minute; `nil`: any.
  package var speedRPM: ClosedRange<Double>?
  /// Band of the velocity, Hz; `nil`: as the shaft speed asks for, `SeverityBand.band(speedRPM:)`.
  package var bandHz: ClosedRange<Double>?
  /// Standard, part, table; or the site's own words.
  package var source: String

  package init(
    name: String, limits: SeverityLimits, displacementLimits: SeverityLimits? = nil, powerKilowatts: ClosedRange<Double>? = nil,
    speedRPM: ClosedRange<Double>? = nil, bandHz: ClosedRange<Double>? = nil, source: String
  ) {
    self.name = name
    self.limits = limits
    self.displacementLimits = displacementLimits
    self.powerKilowatts = powerKilowatts
    self.speedRPM = speedRPM
    self.bandHz = bandHz
    self.source = source
  }

  /// A shipped class by its name; `nil` when there is none.
  package init?(named name: String) {
    guard let row = Self.shipped.first(where: { $0.name == name }) else { return nil }
    self = row
  }

  /// THE LIST. Limits of ISO 10816-3:2009, tables A.1 and A.2, taken over by ISO 20816-3:2022 (machines above 15 kW, 120 to
  /// 30,000 r/min). Group 1: above 300 kW up to 50 MW; group 2: 15 to 300 kW. Rigid or flexible is the mounting: rigid where
  /// the lowest natural frequency of machine and support lies at least a quarter above the main excitation.
  /// Guidance, not acceptance limits, entered by hand: the site verifies them against its copy of the standard.
  package static let shipped: [SeverityClass] = [
    iso3("group1/rigid", (2.3, 4.5, 7.1), micrometres: (29, 57, 90), 300...50_000),
    iso3("group1/flexible", (3.5, 7.1, 11), micrometres: (45, 90, 140), 300...50_000),
    iso3("group2/rigid", (1.4, 2.8, 4.5), micrometres: (22, 45, 71), 15...300),
    iso3("group2/flexible", (2.3, 4.5, 7.1), micrometres: (37, 71, 113), 15...300),
  ]

  private typealias Limits = (ab: Double, bc: Double, cd: Double)

  private static func iso3(_ name: String, _ velocity: Limits, micrometres: Limits, _ power: ClosedRange<Double>) -> Self {
    let table = name.hasPrefix("group1") ? "A.1" : "A.2"
    return SeverityClass(
      name: "iso20816-3/" + name, limits: SeverityLimits(ab: velocity.ab, bc: velocity.bc, cd: velocity.cd),
      displacementLimits: SeverityLimits(ab: micrometres.ab, bc: micrometres.bc, cd: micrometres.cd), powerKilowatts: power,
      speedRPM: 120...30_000,
      source: "ISO 20816-3:2022, limits of ISO 10816-3:2009 table \(table); to be verified by the site")
  }
}

/// The band of broadband velocity in ISO 20816-1 and -3.
package enum SeverityBand {
  package static let usual = 10.0...1000
  /// For machines below 600 r/min.
  package static let slow = 2.0...1000

  package static func band(speedRPM: Double?) -> ClosedRange<Double> {
    guard let speedRPM, speedRPM < 600 else { return usual }
    return slow
  }

  /// Ten periods of the band's lower edge, a second at least.
  static func blockSeconds(_ band: ClosedRange<Double>) -> Double { max(1, 10 / band.lowerBound) }

  /// 2.56 times the band's upper edge: what an anti-aliasing filter leaves whole.
  package static func leastRateHz(_ band: ClosedRange<Double>) -> Double { 2.56 * band.upperBound }
}
