/// Units of a vibration waveform, by their UCUM code (SenML's where it differs is accepted too). Never guessed: what is not listed is refused.
package enum SignalUnit: String, Sendable, CaseIterable {
  case gravity = "g"
  case metrePerSecondSquared = "m/s2"
  case millimetrePerSecond = "mm/s"
  case metrePerSecond = "m/s"
  case inchPerSecond = "[in_i]/s"
  case micrometre = "um"
  case millimetre = "mm"
  case mil = "[mil_i]"

  /// Accepts the UCUM code and the spellings people write (`m/s²`, `in/s`, `µm`, `mil`).
  package init?(code: String) {
    let spelling = [
      "m/s²": "m/s2", "m/s^2": "m/s2", "in/s": "[in_i]/s", "\u{B5}m": "um", "\u{3BC}m": "um", "mil": "[mil_i]", "[g]": "g",
      "gn": "g",
    ]
    self.init(rawValue: spelling[code] ?? code)
  }

  package enum Quantity: String, Sendable { case acceleration, velocity, displacement }

  package var quantity: Quantity {
    switch self {
    case .gravity, .metrePerSecondSquared: .acceleration
    case .millimetrePerSecond, .metrePerSecond, .inchPerSecond: .velocity
    case .micrometre, .millimetre, .mil: .displacement
    }
  }

  /// Factor to the quantity's working unit: m/s² for acceleration, mm/s for velocity, µm for displacement.
  /// Standard gravity is 9.80665 m/s² (ISO 80000-3), an inch 25.4 mm.
  package var factorToWorkingUnit: Double {
    switch self {
    case .gravity: 9.80665
    case .metrePerSecondSquared, .millimetrePerSecond, .micrometre: 1
    case .metrePerSecond, .millimetre: 1000
    case .inchPerSecond, .mil: 25.4
    }
  }
}
