import Signal

/// When a defect strikes, and how hard.
///
/// From strike to strike the shaft turns (1 + slip · g) / order, g Gaussian and new each time, so that deviations add up: the
/// strikes are only nearly periodic (Antoni, Randall, "A stochastic model for simulation and diagnostics of rolling element
/// bearings with localized faults", J. Vib. Acoust. 125, 2003). A strike's peak grows with the speed of the impact.
/// A broken cage does not strike but rubs, for as long as one of its pockets takes to pass.
struct Impacts: Sendable {
  private let fault: MachineSimulator.Fault
  private let machine: MachineSimulator.Machine
  private let peak: Double
  private let strikesPerTurn: Double?
  /// The shaft's angle at the next one, in turns.
  private var nextTurns = 0.0
  private var count = 0
  /// Where the rub of the cage ends.
  private var rubEndTurns = 0.0

  init(_ fault: MachineSimulator.Fault, severity: Double, _ machine: MachineSimulator.Machine, random: inout SplitMix64) {
    self.fault = fault
    self.machine = machine
    peak = severity * machine.strike
    strikesPerTurn = fault.strikesPerTurn(machine)
    nextTurns = interval(motion: nil, &random)
  }

  /// The force on this sample, and whether a strike, or a rub, begins with it.
  mutating func force(_ motion: ShaftMotion, _ random: inout SplitMix64) -> (value: Double, begins: Bool) {
    let begins = motion.turns >= nextTurns
    if begins {
      (rubEndTurns, count) = (motion.turns + 1 / machine.bpfo, count + 1)
      nextTurns += interval(motion: motion, &random)
    }
    let speed = motion.shaftHz / machine.shaftHz
    if fault == .cage { return (motion.turns < rubEndTurns ? speed * peak * Self.rub * random.gaussian() : 0, begins) }
    return (begins ? speed * peak * load(turns: motion.turns) * (1 + 0.1 * random.gaussian()) : 0, begins)
  }

  /// RMS of a rub's force, as a part of a strike's peak.
  private static let rub = 0.2

  /// In turns, a sample's at least; for ever when nothing strikes.
  private func interval(motion: ShaftMotion?, _ random: inout SplitMix64) -> Double {
    guard let strikesPerTurn else { return .infinity }
    let slip = fault.slips ? machine.slip : 0
    return max(motion?.turnsPerSample ?? 0, (1 + slip * random.gaussian()) / strikesPerTurn)
  }

  /// Load where the defect is, times what of the strike reaches the sensor. A pit in the outer race stays where the load is; in the
  /// inner race it passes the load once a turn of the shaft, in a ball once a turn of the cage, and there strikes either race by turns.
  private func load(turns: Double) -> Double {
    switch fault {
    case .inner: machine.innerPathGain * machine.loadZone.load(turns: turns)
    case .ball: (count.isMultiple(of: 2) ? 1 : machine.innerPathGain) * machine.loadZone.load(turns: machine.ftf * turns)
    default: 1
    }
  }
}
