/// What `thrum features` measures besides THE LIST, on blocks of a second or more.
package enum BlockFeatures {
  package static let velocityRMS = "velocity_rms_mm_s"
  package static let slowVelocityRMS = "velocity_rms_2_hz_mm_s"
  package static let displacementRMS = "displacement_rms_2_hz_um"
  package static let harmonics = [0.5, 1, 2, 3].map { (order: $0, name: "shaft_\($0 == 0.5 ? "0.5" : "\(Int($0))")x_mm_s") }
  package static let gearMesh = "gear_mesh_mm_s"
  package static let gearSidebands = ["gear_sideband_below_mm_s", "gear_sideband_above_mm_s"]
  package static let bladePass = "blade_pass_mm_s"
  package static let twiceLine = "line_2x_mm_s"
  package static let polePass = ["1x_below", "1x_above", "line_2x_below", "line_2x_above"].map { "pole_pass_\($0)_mm_s" }
  package static func overFloor(_ line: BearingLine) -> String { "\(line.rawValue.lowercased())_over_floor" }

  /// What docs/SIGNAL.md says of them.
  static let descriptions: [(names: [String], text: FeatureDescription)] = [
    (
      [velocityRMS],
      FeatureDescription(
        "√ Σ Pk·(1000/ω)² · df, 10 to 1000 Hz; Pk: P behind a Kaiser window over the block, 10 s at most", unit: "mm/s",
        abstains: "block below 1 s; fs below 2000 Hz",
        source: "ISO 20816-1:2016")
    ),
    (
      [slowVelocityRMS],
      FeatureDescription(
        "the same, 2 to 1000 Hz, for machines below 600 r/min", unit: "mm/s", abstains: "block below 5 s; fs below 2000 Hz",
        source: "ISO 20816-1:2016")
    ),
    (
      [displacementRMS],
      FeatureDescription(
        "the same, integrated once more: √ Σ Pk·(10⁶/ω²)² · df", unit: "µm", abstains: "block below 5 s; fs below 2000 Hz",
        source: "ISO 20816-1:2016")
    ),
    (
      ["rms_FROM_TO_hz"],
      FeatureDescription(
        "√ Σ Pk · df over each band of `--bands`", unit: "x", abstains: "block below 1 s; fs below twice TO", source: "Parseval")
    ),
    (
      harmonics.map(\.name),
      FeatureDescription(
        "√ Σ Pv · df over the five bins around the highest within 1 %", count: harmonics.count, unit: "mm/s",
        abstains: "block below 1 s; no `--rpm`, or the estimated speed not believed; line below 3 Hz or beyond fs/2",
        source: "ISO 13373-2:2016")
    ),
    (
      [gearMesh] + gearSidebands,
      FeatureDescription(
        "the same at teeth × shaft, and a turn below and above", count: 3, unit: "mm/s", abstains: "as above; no `--teeth`",
        source: "McFadden, J. Vib. Acoust. 108, 1986")
    ),
    (
      [bladePass, twiceLine],
      FeatureDescription(
        "the same at blades × shaft; at twice `--line-hz`", count: 2, unit: "mm/s",
        abstains: "as above; no `--blades`, `--line-hz`", source: "ISO 13373-3:2015")
    ),
    (
      polePass,
      FeatureDescription(
        "the same a pole pass below and above 1x and twice the line: poles × (2 · line / poles − shaft)", count: 4, unit: "mm/s",
        abstains: "as above; no `--poles`; not that motor's shaft; window below 5 / pole pass",
        source: "Thomson, Fenger, IEEE Ind. Appl. Mag. 7, 2001")
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
