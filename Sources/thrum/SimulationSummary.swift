import Simulator
import Terminal

/// What `thrum simulate` prints; it says that it is simulated.
struct SimulationSummary: Encodable {
  let simulated = true
  let file: String
  let truth: String
  let fault: String
  let severity: Double
  let unit = "g"
  let format: String
  let scale: Double
  let sampleRateHz: Double
  let samples: Int
  let strikes: Int
  let rms: Double
  let peak: Double
  let rpm: Double
  let endRpm: Double?

  init(_ simulation: Simulation, _ truth: SimulationTruth, file: String, truthFile: String) {
    (self.file, self.truth, fault, severity) = (file, truthFile, truth.fault, truth.severity)
    (format, scale, sampleRateHz, samples) = (truth.format, truth.scale, truth.sampleRateHz, truth.samples)
    (strikes, rms, peak) = (truth.strikesS.count, simulation.rms, simulation.peak)
    (rpm, endRpm) = (truth.rpm, truth.endRpm)
  }

  var text: String {
    let what = fault == "none" ? "a healthy machine" : "\(fault), severity \(number(severity, 2))"
    let speed = "\(number(rpm, 1))\(endRpm.map { " to \(number($0, 1))" } ?? "") r/min"
    return """
      SIMULATED, not measured: \(what), \(speed)
        samples  \(file.printable)
                 \(samples) in g, \(format), scale \(plain(scale)), \(rate) Hz; RMS \(number(rms, 3)) g, peak \(number(peak, 3)) g
        truth    \(truth.printable)
                 \(strikes) strikes, the speed all along, every parameter
        look     thrum spectrum \(file.printable) --unit g --rate \(rate)\(reading)
      """
  }

  private var rate: String { plain(sampleRateHz) }

  /// What else it takes to read the file.
  private var reading: String {
    (file.lowercased().hasSuffix(".\(format)") ? "" : " --format \(format)") + (scale == 1 ? "" : " --scale \(scale)")
  }
}
