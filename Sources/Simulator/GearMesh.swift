import Glibc

/// Teeth that mesh: Σ A_m · (1 + a cos φ) · cos(m (z φ + b sin φ)), z teeth, φ the shaft's angle. A worn or eccentric gear changes
/// the mesh once a turn (a, b above 0), which gives sidebands at orders m z ± 1, ± 2 … (P. D. McFadden, "Detecting fatigue cracks in
/// gears by amplitude and phase demodulation of the meshing vibration", J. Vib. Acoust. 108, 1986).
struct GearMesh: Sendable {
  private let teeth: Double
  private let amplitudes: [Double]
  /// a, at most 1.
  private let amplitudeDepth: Double
  /// b, radians.
  private let phaseDepth: Double

  /// - Returns: `nil` where there is no gear.
  init?(_ fault: MachineSimulator.Fault, severity: Double, _ machine: MachineSimulator.Machine) {
    guard let teeth = machine.teeth ?? fault.teeth else { return nil }
    self.teeth = Double(teeth)
    amplitudes = machine.mesh
    amplitudeDepth = fault == .gear ? min(1, 0.5 * severity) : 0
    phaseDepth = fault == .gear ? 0.3 * severity : 0
  }

  func value(turns: Double, highestOrder: Double) -> Double {
    let shaft = angle(turns)
    var sum = 0.0
    for (index, amplitude) in amplitudes.enumerated() {
      let orders = Double(index + 1) * teeth
      if orders > highestOrder { break }
      sum += amplitude * cos(angle(orders * turns) + Double(index + 1) * phaseDepth * sin(shaft))
    }
    return (1 + amplitudeDepth * cos(shaft)) * sum
  }
}
