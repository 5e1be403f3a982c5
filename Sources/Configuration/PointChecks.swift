import Signal

extension CheckThresholds {
  /// `[machine.point.checks]`: what a point's sensor is allowed that others are not.
  init(_ table: TableReader) {
    self.init()
    stuckChangingPart = table.number("stuck_changing_part", 0...0.5, default: stuckChangingPart)
    biasPartOfRange = table.number("bias_part_of_range", 0.05...1, default: biasPartOfRange)
    biasTimesRMS = table.number("bias_times_rms", 1...1000, default: biasTimesRMS)
    clippedPart = table.number("clipped_part", 0.0001...1, default: clippedPart)
    clippedPlaces = table.integer("clipped_places", 1...65_536, default: clippedPlaces)
    dropoutSamples = table.integer("dropout_samples", 4...65_536, default: dropoutSamples)
    dropoutPart = table.number("dropout_part", 0.0001...1, default: dropoutPart)
    spikeTimesMedian = table.number("spike_times_median", 5...1_000_000, default: spikeTimesMedian)
    spikeTimesLargest = table.number("spike_times_largest", 2...1_000_000, default: spikeTimesLargest)
    table.finish()
  }
}

extension ThrumConfig.Machine {
  /// An induction motor's shaft turns a little slower than its field.
  func reportPoles(to table: TableReader) {
    guard let poles else { return }
    if !poles.isMultiple(of: 2) { table.report("poles", "expected an even number, got \(poles)") }
    guard let lineHz else {
      return table.report("poles", "expected line_hz beside it: together they tell the speed of the field")
    }
    let fieldRPM = 120 * lineHz / Double(poles)
    if let speedRPM, MachineParts(lineHz: lineHz, poles: poles).slipHz(shaftHz: speedRPM / 60) == nil {
      table.report(
        "poles",
        "\(poles) poles at \(lineHz) Hz turn with \(fieldRPM) r/min or up to 15 % less, speed_rpm is \(speedRPM); "
          + "leave poles out where that is another shaft's speed")
    }
  }
}
