/// Vibration velocity in a band: that of ISO 20816-1 is 10 to 1000 Hz for machines from 600 r/min on, else 2 to 1000 Hz.
package enum VelocityBand {
  package static let usualHz = 10.0...1000

  /// Mean square (mm/s)² of a power density in `unit`²/Hz. To integrate is to divide by ω in the frequency domain, to
  /// differentiate to multiply with it.
  static func meanSquare(of power: PowerSpectrum, bandHz: ClosedRange<Double>, unit: SignalUnit) -> Double {
    power.bins(bandHz).reduce(0) { $0 + density(of: power, bin: $1, unit: unit) } * power.resolutionHz
  }

  /// Mean square µm², integrated once more.
  static func displacementMeanSquare(of power: PowerSpectrum, bandHz: ClosedRange<Double>, unit: SignalUnit) -> Double {
    let micrometres = power.bins(bandHz).reduce(0.0) { sum, bin in
      let omega = 2 * Double.pi * Double(bin) * power.resolutionHz
      return sum + density(of: power, bin: bin, unit: unit) * 1e6 / (omega * omega)
    }
    return micrometres * power.resolutionHz
  }

  /// (mm/s)²/Hz at bin k, above 0.
  static func density(of power: PowerSpectrum, bin k: Int, unit: SignalUnit) -> Double {
    let omega = 2 * Double.pi * Double(k) * power.resolutionHz
    let factor = unit.factorToWorkingUnit
    return Double(power.density[k]) * weight(unit.quantity, squaredOmega: omega * omega) * factor * factor
  }

  /// From the quantity's working unit (m/s², mm/s, µm), squared, to (mm/s)².
  private static func weight(_ quantity: SignalUnit.Quantity, squaredOmega: Double) -> Double {
    switch quantity {
    case .acceleration: 1e6 / squaredOmega
    case .velocity: 1
    case .displacement: 1e-6 * squaredOmega
    }
  }
}

extension PowerSpectrum {
  /// Without DC. A bin on the band's edge belongs to it, whatever the quotient of the two was rounded to.
  func bins(_ bandHz: ClosedRange<Double>) -> Range<Int> {
    let rounding = 1e-9
    let first = max(1, Int((bandHz.lowerBound / resolutionHz * (1 - rounding)).rounded(.up)))
    let last = min(Int(bandHz.upperBound / resolutionHz * (1 + rounding)), binCount - 1)
    return first..<max(first, last + 1)
  }

  /// Of what lies in a band, unit².
  func meanSquare(bandHz: ClosedRange<Double>) -> Double {
    bins(bandHz).reduce(0) { $0 + Double(density[$1]) } * resolutionHz
  }
}
