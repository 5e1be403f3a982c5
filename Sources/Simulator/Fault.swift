extension MachineSimulator {
  /// What is wrong with the machine.
  package enum Fault: String, Sendable, CaseIterable {
    case none
    /// Of the bearing: a pit in a race or a rolling element, a cage that rubs once a turn of its own.
    case inner, outer, ball, cage
    /// Of the shaft: tones at orders of its speed.
    case unbalance, misalignment, looseness
    /// Of the gear on the shaft: worn and eccentric (sidebands of the mesh), or one tooth cracked (an impact a turn).
    case gear, tooth
  }
}

extension MachineSimulator.Fault {
  /// Impacts, or rubs, in a turn of the shaft; `nil` when nothing strikes.
  func strikesPerTurn(_ machine: MachineSimulator.Machine) -> Double? {
    switch self {
    case .none, .unbalance, .misalignment, .looseness, .gear: nil
    case .outer: machine.bpfo
    case .inner: machine.bpfi
    case .ball: 2 * machine.bsf
    case .cage: machine.ftf
    case .tooth: 1
    }
  }

  /// Teeth do not slip, rolling elements do.
  var slips: Bool { self != .tooth }

  /// Of the gear that a gear's fault needs; `nil` for the others.
  package var teeth: Int? { self == .gear || self == .tooth ? MachineSimulator.Machine.defaultTeeth : nil }
}
