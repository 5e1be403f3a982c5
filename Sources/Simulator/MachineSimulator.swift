import Signal

/// A machine that does not exist: shaft and gear tones, noise, and a defect whose impacts ring in the structure's modes.
/// Whatever shows its signals must say that they are simulated. docs/SIGNAL.md, "Simulator", has the formulas.
package struct MachineSimulator: Sendable {
  package let machine: Machine
  package let fault: Fault
  /// Of the fault: 1 is well developed, 0 as good as none.
  package let severity: Double
  /// Part of the sampling rate from which on nothing gets through the sensor's anti-aliasing filter.
  package static let highestPartOfRate = 0.45

  private var random: SplitMix64
  private var motion: ShaftMotion
  private var impacts: Impacts
  private var resonators: Resonators
  private let tones: ShaftTones

  /// A stretch of signal and the truth about it.
  package struct Stretch: Sendable {
    /// In g.
    package var samples: [Float]
    /// Where in `samples` the defect struck, or the cage began to rub.
    package var strikes: [Int]
    /// Shaft speed at each sample, revolutions per second.
    package var shaftHz: [Double]
  }

  package init(fault: Fault, severity: Double = 1, machine: Machine = Machine(), seed: UInt64) {
    self.machine = machine
    self.fault = fault
    self.severity = severity
    random = SplitMix64(seed: seed)
    motion = ShaftMotion(machine, seed: seed)
    impacts = Impacts(fault, severity: severity, machine, random: &random)
    resonators = Resonators(machine)
    tones = ShaftTones(fault, severity: severity, machine)
  }

  /// How often the defect strikes on the average at `machine.shaftHz`; `nil` where nothing strikes.
  package var strikesPerSecond: Double? { fault.strikesPerTurn(machine).map { $0 * machine.shaftHz } }

  /// The next `count` samples: calls join without a seam.
  package mutating func next(_ count: Int) -> Stretch {
    var stretch = Stretch(samples: [], strikes: [], shaftHz: [])
    stretch.samples.reserveCapacity(count)
    stretch.shaftHz.reserveCapacity(count)
    for index in 0..<count {
      let force = impacts.force(motion, &random)
      if force.begins { stretch.strikes.append(index) }
      stretch.samples.append(Float(sample(force.value)))
      stretch.shaftHz.append(motion.shaftHz)
      motion.advance()
    }
    return stretch
  }

  private mutating func sample(_ force: Double) -> Double {
    // A healthy bearing rolls over a rough race: the resonance is heard without a defect too.
    let rolling = 0.1 * machine.noiseRMS * random.gaussian()
    return resonators.next(force + rolling) + tones.value(motion) + machine.noiseRMS * random.gaussian()
  }
}
