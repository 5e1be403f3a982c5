import Signal

/// From a number in a message to a value: `scale`, or a sensor's sensitivity together with what its converter makes of a millivolt.
/// Never guessed: what is only half given is reported.
struct SensorScale {
  private var scale: Double?
  private var sensitivity: Sensitivity?
  private var countsPerMillivolt: Double?
  private let table: TableReader

  private struct Sensitivity {
    var key: String
    var unit: SignalUnit
    var millivolts: Double
  }

  private static let sensitivities: [(key: String, unit: SignalUnit)] = [
    ("sensitivity_mv_per_g", .gravity), ("sensitivity_mv_per_m_s2", .metrePerSecondSquared),
    ("sensitivity_mv_per_mm_s", .millimetrePerSecond), ("sensitivity_mv_per_in_s", .inchPerSecond),
    ("sensitivity_mv_per_um", .micrometre), ("sensitivity_mv_per_mil", .mil),
  ]

  init(_ table: TableReader) {
    self.table = table
    scale = table.optionalNumber("scale", -1e9...1e9)
    if scale == 0 { table.report("scale", "expected any number but 0") }
    for (key, unit) in Self.sensitivities {
      guard let millivolts = table.optionalNumber(key, 1e-6...1e9) else { continue }
      if let first = sensitivity?.key { table.report(key, "expected none, because \(first) is given") }
      sensitivity = sensitivity ?? Sensitivity(key: key, unit: unit, millivolts: millivolts)
    }
    countsPerMillivolt = Self.counts(table)
    let converter = sensitivity?.key ?? (countsPerMillivolt == nil ? nil : "counts_per_mv or full_scale_mv")
    if scale != nil, let converter { table.report("scale", "expected none, because \(converter) is given") }
  }

  private static func counts(_ table: TableReader) -> Double? {
    let counts = table.optionalNumber("counts_per_mv", 1e-6...1e12)
    let fullScale = table.optionalNumber("full_scale_mv", 1e-3...1e9)
    let bits = table.optionalInteger("bits", 2...32)
    if counts != nil, fullScale != nil { table.report("full_scale_mv", "expected none, because counts_per_mv is given") }
    if (fullScale == nil) != (bits == nil), counts == nil {
      table.report(fullScale == nil ? "full_scale_mv" : "bits", "needed: full_scale_mv and bits belong together")
    }
    if counts != nil, bits != nil { table.report("bits", "expected none, because counts_per_mv is given") }
    if let counts { return counts }
    guard let fullScale, let bits else { return nil }
    return Double(1 << (bits - 1)) / fullScale
  }

  /// Value = number in the message × this.
  /// - Parameters:
  ///   - unit: of the value; `nil`: each message says, or it is no vibration.
  ///   - outer: stands in for what is not given here.
  func factor(to unit: SignalUnit?, outer: SensorScale? = nil) -> Double {
    if let scale { return scale }
    let sensitivity = sensitivity ?? outer?.sensitivity
    let counts = countsPerMillivolt ?? outer?.countsPerMillivolt
    guard sensitivity != nil || counts != nil else { return outer?.scale ?? 1 }
    guard let sensitivity else {
      table.report("sensitivity_mv_per_g", "needed, or that of another unit: what a converter makes of a millivolt is given")
      return 1
    }
    if unit != sensitivity.unit {
      table.report(sensitivity.key, "expected unit = \"\(sensitivity.unit.rawValue)\" with it, got \(unit?.rawValue ?? "none")")
    }
    guard let counts else {
      table.report(
        "counts_per_mv", "needed, or full_scale_mv and bits, beside \(sensitivity.key); 1 for numbers that are millivolts")
      return 1
    }
    return 1 / (counts * sensitivity.millivolts)
  }
}
