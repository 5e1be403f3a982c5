import Signal

extension CheckLimits {
  /// `[machine.point.checks]`.
  init(_ table: TableReader) {
    self.init()
    stuckPart = table.number("stuck_part", 0...1, default: stuckPart)
    biasPart = table.number("bias_part", 0.01...1, default: biasPart)
    clippedPart = table.number("clipped_part", 1e-6...1, default: clippedPart)
    dropoutSamples = table.integer("dropout_samples", 4...65_536, default: dropoutSamples)
    spikeTimes = table.number("spike_times", 5...1e6, default: spikeTimes)
    table.finish()
  }
}
