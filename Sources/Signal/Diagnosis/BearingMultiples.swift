import Glibc

/// How often a bearing's parts meet, in orders of the shaft.
package struct BearingMultiples: Sendable, Equatable {
  /// A rolling element passes a point of the outer race.
  package var bpfo: Double
  /// … of the inner race.
  package var bpfi: Double
  /// One turn of a rolling element; its defect strikes a race twice in it.
  package var bsf: Double
  /// One turn of the cage.
  package var ftf: Double

  package init(bpfo: Double, bpfi: Double, bsf: Double, ftf: Double) {
    self.bpfo = bpfo
    self.bpfi = bpfi
    self.bsf = bsf
    self.ftf = ftf
  }
}

/// What the multiples follow from, for a fixed outer race.
package struct BearingGeometry: Sendable, Equatable {
  /// Rolling elements in a row.
  package var balls: Int
  package var ballMillimetres: Double
  package var pitchMillimetres: Double
  package var contactDegrees: Double

  package init(balls: Int, ballMillimetres: Double, pitchMillimetres: Double, contactDegrees: Double = 0) {
    self.balls = balls
    self.ballMillimetres = ballMillimetres
    self.pitchMillimetres = pitchMillimetres
    self.contactDegrees = contactDegrees
  }

  /// Rolling without slip (R. B. Randall, J. Antoni, "Rolling element bearing diagnostics: a tutorial",
  /// Mech. Syst. Signal Process. 25, 2011, eq. 1 to 4); in a machine they are 1 to 2 % off.
  package var multiples: BearingMultiples {
    let ratio = ballMillimetres / pitchMillimetres * cos(contactDegrees * .pi / 180)
    return BearingMultiples(
      bpfo: Double(balls) / 2 * (1 - ratio), bpfi: Double(balls) / 2 * (1 + ratio),
      bsf: pitchMillimetres / (2 * ballMillimetres) * (1 - ratio * ratio), ftf: (1 - ratio) / 2)
  }
}
