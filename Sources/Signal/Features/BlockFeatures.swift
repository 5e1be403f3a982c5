/// What `thrum features` measures besides THE LIST, on blocks of a second or more.
package enum BlockFeatures {
  package static let velocityRMS = "velocity_rms_mm_s"
  package static func overFloor(_ line: BearingLine) -> String { "\(line.rawValue.lowercased())_over_floor" }

  /// What docs/SIGNAL.md says of them.
  static let descriptions: [(names: [String], text: FeatureDescription)] = [
    (
      [velocityRMS],
      FeatureDescription(
        "√ Σ P·(1000/ω)² · df, 10 to 1000 Hz, or 2 to 1000 Hz of slow machines", unit: "mm/s",
        abstains: "block below 1 s, or below ten periods of the band's lower edge; fs below 2000 Hz",
        source: "ISO 20816-1:2016")
    ),
    (
      BearingLine.allCases.map(overFloor),
      FeatureDescription(
        "mean over three harmonics of line / floor, of the whitened envelope's spectrum", count: BearingLine.allCases.count,
        unit: "1",
        abstains:
          "block below 1 s; speed or bearing not known, or the estimated speed not believed; 0 where a harmonic is out of reach or has no floor",
        source: "Borghesani et al., MSSP 36, 2013; Randall, Antoni, MSSP 25, 2011")
    ),
  ]
}
