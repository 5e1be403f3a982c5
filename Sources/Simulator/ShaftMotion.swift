import Glibc
import Signal

/// The shaft's speed and angle from sample to sample: steady or on a linear ramp, times 1 + w, where w wanders slowly around 0
/// (Uhlenbeck and Ornstein, Phys. Rev. 36, 1930: standard deviation `fluctuation`, correlation exp(−t / `fluctuationSeconds`)).
struct ShaftMotion: Sendable {
  /// Angle since the start, in turns: the sum of the speeds so far over the sampling rate.
  private(set) var turns = 0.0
  /// Revolutions per second, now.
  private(set) var shaftHz: Double

  private let machine: MachineSimulator.Machine
  private let memory: Double
  private var wander = 0.0
  private var time = 0
  private var random: SplitMix64

  init(_ machine: MachineSimulator.Machine, seed: UInt64) {
    self.machine = machine
    memory = exp(-1 / (machine.fluctuationSeconds * machine.sampleRateHz))
    // Another sequence than that of the noise, so that a speed that changes leaves the noise as it is.
    random = SplitMix64(seed: seed ^ 0x5EED_0F5B_EED0_0001)
    if machine.fluctuation > 0 { wander = machine.fluctuation * random.gaussian() }
    shaftHz = 0
    shaftHz = speed
  }

  var turnsPerSample: Double { shaftHz / machine.sampleRateHz }

  mutating func advance() {
    turns += turnsPerSample
    time += 1
    if machine.fluctuation > 0 {
      wander = memory * wander + machine.fluctuation * sqrt(1 - memory * memory) * random.gaussian()
    }
    shaftHz = speed
  }

  private var speed: Double { max(0, onRamp * (1 + wander)) }

  private var onRamp: Double {
    guard let end = machine.endShaftHz else { return machine.shaftHz }
    let part = machine.rampSeconds > 0 ? min(1, Double(time) / machine.sampleRateHz / machine.rampSeconds) : 1
    return machine.shaftHz + part * (end - machine.shaftHz)
  }
}
