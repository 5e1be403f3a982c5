import Glibc

/// The way from the defect to the sensor: modes that ring side by side.
struct Resonators: Sendable {
  private var all: [Resonator]

  init(_ machine: MachineSimulator.Machine) {
    all = machine.resonances.filter { $0.frequencyHz < MachineSimulator.highestPartOfRate * machine.sampleRateHz }
      .map { Resonator($0, sampleRateHz: machine.sampleRateHz) }
  }

  mutating func next(_ force: Double) -> Double {
    var sum = 0.0
    for index in all.indices { sum += all[index].next(force) }
    return sum
  }
}

/// One damped mode, excited by how the force changes: a unit impulse rings with a peak near its gain and leaves no offset.
private struct Resonator: Sendable {
  private let feedback: (Double, Double)
  private let gain: Double
  private var past = (0.0, 0.0)
  private var lastForce = 0.0

  init(_ mode: MachineSimulator.Resonance, sampleRateHz: Double) {
    let angle = 2 * Double.pi * mode.frequencyHz / sampleRateHz
    let radius = exp(-mode.dampingRatio * angle)
    let damped = angle * sqrt(1 - mode.dampingRatio * mode.dampingRatio)
    feedback = (2 * radius * cos(damped), -radius * radius)
    gain = mode.gain * sin(damped) / (2 * sin(damped / 2))
  }

  mutating func next(_ force: Double) -> Double {
    let value = feedback.0 * past.0 + feedback.1 * past.1 + gain * (force - lastForce)
    past = (value, past.0)
    lastForce = force
    return value
  }
}
