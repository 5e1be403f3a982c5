import Glibc

/// What turns with the shaft: sines of its angle. Displacements stay when the speed changes, so accelerations go with its square.
struct ShaftTones: Sendable {
  private struct Tone: Sendable {
    let orders: Double
    let amplitude: Double
    let phase: Double
  }

  private let tones: [Tone]
  private let mesh: GearMesh?
  private let nominalHz: Double
  private let highestHz: Double

  init(_ fault: MachineSimulator.Fault, severity: Double, _ machine: MachineSimulator.Machine) {
    // What turns evenly moves a shaft sideways much more than along.
    let axial = machine.direction == .axial ? 0.3 : 1
    let healthy = machine.harmonics.enumerated().map { index, amplitude in
      Tone(orders: Double(index + 1), amplitude: axial * amplitude, phase: Double(index))
    }
    // In phase with the healthy 1×; the others apart from each other, so that they do not pile up to a pulse.
    let faulty = Self.amplitudes(of: fault, machine.direction).map { orders, amplitude in
      Tone(orders: orders, amplitude: severity * amplitude, phase: 2.4 * orders * (orders - 1))
    }
    tones = healthy + faulty
    mesh = GearMesh(fault, severity: severity, machine)
    nominalHz = machine.shaftHz
    highestHz = MachineSimulator.highestPartOfRate * machine.sampleRateHz
  }

  /// In g.
  func value(_ motion: ShaftMotion) -> Double {
    let (speed, highestOrder) = (motion.shaftHz / nominalHz, motion.shaftHz > 0 ? highestHz / motion.shaftHz : 0)
    let sum = tones.reduce(0) { sum, tone in
      tone.orders > highestOrder ? sum : sum + tone.amplitude * sin(angle(tone.orders * motion.turns) + tone.phase)
    }
    return speed * speed * (sum + (mesh?.value(turns: motion.turns, highestOrder: highestOrder) ?? 0))
  }

  /// Orders and amplitudes in g that a fault adds (ISO 13373-3:2015, annexes: unbalance 1× radial; misalignment 2× radial, 1× and
  /// 2× axial; looseness many harmonics and halves of the order).
  private static func amplitudes(
    of fault: MachineSimulator.Fault, _ direction: MachineSimulator.Direction
  ) -> [(orders: Double, amplitude: Double)] {
    switch (fault, direction) {
    case (.unbalance, .radial): [(1, 0.4)]
    case (.unbalance, .axial): [(1, 0.04)]
    case (.misalignment, .radial): [(1, 0.1), (2, 0.4), (3, 0.08)]
    case (.misalignment, .axial): [(1, 0.2), (2, 0.4), (3, 0.12)]
    case (.looseness, .radial): wholeOrders.map { ($0, 0.15) } + halfOrders.map { ($0, 0.06) }
    case (.looseness, .axial): wholeOrders.map { ($0, 0.05) } + halfOrders.map { ($0, 0.02) }
    default: []
    }
  }

  private static let wholeOrders = (1...10).map(Double.init)
  private static let halfOrders = [0.5, 1.5, 2.5]
}

/// Radians of an angle in turns, kept small.
func angle(_ turns: Double) -> Double { 2 * Double.pi * turns.truncatingRemainder(dividingBy: 1) }
