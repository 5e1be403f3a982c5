/// From where on the checks call samples faulty. A point may have its own: a coarse converter, a sensor with a rail in use, a machine
/// that bangs.
package struct CheckLimits: Sendable, Equatable {
  /// Stuck: of all neighbours, fewer than this part differ.
  package var stuckPart = 0.01
  /// Bias: of the declared range, the mean's magnitude.
  package var biasPart = 0.5
  /// Clipped: of all samples, this part on the rail.
  package var clippedPart = 0.001
  /// Dropout: equal samples in a row, at least.
  package var dropoutSamples = 16
  /// Spikes: times the median deviation of the neighbours from their median.
  package var spikeTimes = 20.0

  package init() {}
}
