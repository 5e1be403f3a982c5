import Signal
import Glibc

/// A machine that does not exist: shaft harmonics, noise, and a rolling bearing whose defect strikes a resonance.
/// Whatever shows its signals must say that they are simulated. The model is that of McFadden and Smith (1984), with the slip of
/// Antoni and Randall (2003): strikes come at the defect's rate but never quite evenly.
package struct MachineSimulator: Sendable {
  package let machine: Machine
  package let fault: Fault
  private var random: SplitMix64
  /// Samples since the start.
  private var time = 0
  private var nextStrike: Double
  private var resonator: Resonator

  package enum Fault: String, Sendable, CaseIterable { case none, inner, outer, ball }

  /// Its rates and levels; amplitudes in g.
  package struct Machine: Sendable {
    package var sampleRateHz = 24_414.0
    package var shaftHz = 25.0
    /// Defect lines in orders of the shaft.
    package var bpfo = 3.245
    package var bpfi = 4.755
    package var bsf = 2.555
    package var ftf = 0.4056
    /// Of 1×, 2×, 3× the shaft.
    package var harmonics = [0.08, 0.04, 0.02]
    package var noiseRMS = 0.15
    package var resonanceHz = 3500.0
    package var dampingRatio = 0.06
    /// Peak of a defect's strike.
    package var strike = 3.0
    /// Standard deviation of the time between two strikes, as a part of it.
    package var slip = 0.01

    package init() {}
  }

  /// A stretch of signal and the truth about it.
  package struct Stretch: Sendable {
    /// In g.
    package var samples: [Float]
    /// Where in `samples` the defect struck.
    package var strikes: [Int]
  }

  package init(fault: Fault, machine: Machine = Machine(), seed: UInt64) {
    self.machine = machine
    self.fault = fault
    random = SplitMix64(seed: seed)
    resonator = Resonator(machine)
    nextStrike = 0
    nextStrike = strikeInterval()
  }

  /// How often the defect strikes on the average; `nil` for a healthy machine.
  package var strikesPerSecond: Double? {
    switch fault {
    case .none: nil
    case .outer: machine.bpfo * machine.shaftHz
    case .inner: machine.bpfi * machine.shaftHz
    case .ball: 2 * machine.bsf * machine.shaftHz
    }
  }

  /// The next `count` samples: calls join without a seam.
  package mutating func next(_ count: Int) -> Stretch {
    var stretch = Stretch(samples: [], strikes: [])
    stretch.samples.reserveCapacity(count)
    for index in 0..<count {
      let struck = strikeNow()
      if struck != 0 { stretch.strikes.append(index) }
      // A healthy bearing rolls over a rough race: the resonance is heard without a defect too.
      let rolling = 0.1 * machine.noiseRMS * random.gaussian()
      let sample = resonator.next(struck + rolling) + shaft() + machine.noiseRMS * random.gaussian()
      stretch.samples.append(Float(sample))
      time += 1
    }
    return stretch
  }

  private func shaft() -> Double {
    machine.harmonics.enumerated().reduce(0) { sum, harmonic in
      sum + harmonic.element * sin(phase(orders: Double(harmonic.offset + 1)) + Double(harmonic.offset))
    }
  }

  private func phase(orders: Double) -> Double {
    2 * Double.pi * (orders * machine.shaftHz * Double(time) / machine.sampleRateHz).truncatingRemainder(dividingBy: 1)
  }

  /// The strike that falls on this sample; mostly 0.
  private mutating func strikeNow() -> Double {
    guard Double(time) >= nextStrike else { return 0 }
    nextStrike += strikeInterval()
    return machine.strike * load() * (1 + 0.1 * random.gaussian())
  }

  /// In samples; for ever when nothing strikes.
  private mutating func strikeInterval() -> Double {
    guard let rate = strikesPerSecond else { return .infinity }
    return max(1, machine.sampleRateHz / rate * (1 + machine.slip * random.gaussian()))
  }

  /// How hard the defect is pressed: on the outer race always alike, on the inner once a turn of the shaft, on a ball once a turn
  /// of the cage.
  private func load() -> Double {
    switch fault {
    case .none, .outer: 1
    case .inner: 0.55 + 0.45 * cos(phase(orders: 1))
    case .ball: 0.55 + 0.45 * cos(phase(orders: machine.ftf))
    }
  }
}

/// One damped mode, excited by how the force changes: a unit impulse rings with a peak near 1 and leaves no offset.
private struct Resonator: Sendable {
  private let feedback: (Double, Double)
  private let gain: Double
  private var past = (0.0, 0.0)
  private var lastForce = 0.0

  init(_ machine: MachineSimulator.Machine) {
    let angle = 2 * Double.pi * machine.resonanceHz / machine.sampleRateHz
    let radius = exp(-machine.dampingRatio * angle)
    let damped = angle * sqrt(1 - machine.dampingRatio * machine.dampingRatio)
    feedback = (2 * radius * cos(damped), -radius * radius)
    gain = sin(damped) / (2 * sin(damped / 2))
  }

  mutating func next(_ force: Double) -> Double {
    let value = feedback.0 * past.0 + feedback.1 * past.1 + gain * (force - lastForce)
    past = (value, past.0)
    lastForce = force
    return value
  }
}
