import Signal

/// What was measured: all that a judgement may rest on.
package struct RecordedStretch: Sendable {
  /// In order of time; one, when the recording is continuous.
  package var snapshots: [[Float]]
  package var unit: SignalUnit
  package var sampleRateHz: Double
  /// From the start of one snapshot to the next.
  package var intervalSeconds: Double?
  /// Since the start of the life.
  package var timeStartSeconds = 0.0
  package var speedRPM: Double?
  package var bearing: BearingMultiples?

  package init(snapshots: [[Float]], unit: SignalUnit, sampleRateHz: Double) {
    self.snapshots = snapshots
    self.unit = unit
    self.sampleRateHz = sampleRateHz
  }
}

/// A recording with what is known about it. Only `stretch` reaches what judges; the label waits until figures are added up.
package struct EvaluationRow: Sendable {
  package enum Role: String, Sendable { case baseline, test, diagnose, shift, run }

  package var file: String
  package var dataSet: String
  package var group: String
  package var role: Role
  package var label: String
  package var stretch: RecordedStretch

  package init(file: String, dataSet: String, group: String, role: Role, label: String, stretch: RecordedStretch) {
    self.file = file
    self.dataSet = dataSet
    self.group = group
    self.role = role
    self.label = label
    self.stretch = stretch
  }
}

package struct EvaluationSettings: Sendable {
  package var windowSamples = 2048
  package var overlap = 0.5
  /// Judge disturbed copies of the recordings too.
  package var isRobustness = false

  package init() {}
}
