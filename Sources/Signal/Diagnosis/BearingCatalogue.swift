/// Geometry of common deep groove ball bearings. Makers differ by a few per cent and sometimes by a ball: where a machine's own
/// figures are known, its configuration should state them.
package enum BearingCatalogue {
  /// - Parameter designation: with or without maker and suffixes, as `6313`, `SKF 6205-2RS JEM`.
  package static func geometry(of designation: String) -> BearingGeometry? {
    let numbers = designation.split { !("0"..."9").contains($0) }
    return numbers.lazy.compactMap { all[String($0)] }.first
  }

  /// Balls, ball and pitch diameter in mm.
  package static let all: [String: BearingGeometry] = [
    "6203": bearing(8, 6.746, 28.499),
    "6204": bearing(8, 7.938, 33.5),
    "6205": bearing(9, 7.940, 39.040),
    "6206": bearing(9, 9.525, 46),
    "6308": bearing(8, 15.081, 65),
    "6309": bearing(8, 17.462, 72.5),
    "6310": bearing(8, 19.05, 80),
    "6311": bearing(8, 20.638, 87.5),
    "6312": bearing(8, 22.225, 95),
    "6313": bearing(8, 23.812, 102.5),
    "6314": bearing(8, 25.4, 110),
  ]

  private static func bearing(_ balls: Int, _ ball: Double, _ pitch: Double) -> BearingGeometry {
    BearingGeometry(balls: balls, ballMillimetres: ball, pitchMillimetres: pitch)
  }
}
