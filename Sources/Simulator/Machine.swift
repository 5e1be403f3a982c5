extension MachineSimulator {
  /// A machine's rates and levels; amplitudes in g, as they are at `shaftHz`.
  package struct Machine: Sendable, Encodable {
    package var sampleRateHz = 24_414.0
    /// Revolutions per second at the start; levels hold at this speed.
    package var shaftHz = 25.0
    /// At the end of the ramp; `nil`: the speed stays.
    package var endShaftHz: Double?
    /// Length of the ramp; above 0 where there is one.
    package var rampSeconds = 0.0
    /// Standard deviation of the speed's slow random change, as a part of it.
    package var fluctuation = 0.0
    /// How long such a change lasts (correlation time).
    package var fluctuationSeconds = 1.0
    /// Defect lines in orders of the shaft.
    package var bpfo = 3.245
    package var bpfi = 4.755
    package var bsf = 2.555
    package var ftf = 0.4056
    /// Teeth of the gear on the shaft; `nil`: none, or `defaultTeeth` where the fault is a gear's.
    package var teeth: Int?
    /// Where the sensor points.
    package var direction = Direction.radial
    /// Of 1×, 2×, 3× the shaft, healthy.
    package var harmonics = [0.02, 0.02, 0.01]
    /// Of 1×, 2×, 3× the tooth mesh.
    package var mesh = [0.25, 0.12, 0.06]
    package var noiseRMS = 0.15
    /// The structure's modes through which impacts are heard; those above 0.45 of the sampling rate are not heard.
    package var resonances = [Resonance()]
    /// Peak of a defect's strike under full load.
    package var strike = 3.0
    /// Standard deviation of the time between two strikes, as a part of it.
    package var slip = 0.01
    package var loadZone = LoadZone()
    /// What is left of a strike on the inner race, which has one more contact on its way to the sensor.
    package var innerPathGain = 0.9

    package static let defaultTeeth = 23

    package init() {}
  }

  package enum Direction: String, Sendable, CaseIterable, Encodable { case radial, axial }

  /// One damped mode of the structure.
  package struct Resonance: Sendable, Equatable, Encodable {
    package var frequencyHz: Double
    package var dampingRatio: Double
    /// Share of a strike's peak.
    package var gain: Double

    package init(frequencyHz: Double = 3500, dampingRatio: Double = 0.06, gain: Double = 1) {
      (self.frequencyHz, self.dampingRatio, self.gain) = (frequencyHz, dampingRatio, gain)
    }
  }
}
