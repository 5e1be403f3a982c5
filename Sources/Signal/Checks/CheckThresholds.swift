/// From where on a check objects. The defaults let every sound recording at hand pass; a sensor of its own kind may need others.
package struct CheckThresholds: Sendable, Equatable {
  /// `stuck`: fewer than this part of neighbours differ.
  package var stuckChangingPart = 0.01
  /// `bias`: the mean's magnitude, as a part of the declared range.
  package var biasPartOfRange = 0.5
  /// `bias`: and in times of the RMS around the mean.
  package var biasTimesRMS = 3.0
  /// `clipped`: of all samples, this part at the extreme value.
  package var clippedPart = 0.001
  /// `clipped`: so many samples end a three of neighbours at the extreme value; a run of six has four.
  package var clippedPlaces = 4
  /// `dropout`: equal samples in a row.
  package var dropoutSamples = 16
  /// `dropout`: and of the frame, this part.
  package var dropoutPart = 0.01
  /// `spikes`: times the median deviation of the neighbours from their median.
  package var spikeTimesMedian = 20.0
  /// `spikes`: and times their largest deviation.
  package var spikeTimesLargest = 5.0

  package init() {}
}
