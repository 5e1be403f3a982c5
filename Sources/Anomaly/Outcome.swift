import Signal

/// What one batch did to one point: all of it is committed in one transaction, or none.
package struct PointOutcome: Sendable {
  package let point: PointID
  /// To be added to the point's ledger.
  package var ledger = Ledger()
  /// The point's state after the batch; replaces the stored one.
  package var state: PointState
  /// The committed source sequences after the batch, when they changed.
  package var sequences: SequenceRanges?
  /// To be appended to the baseline.
  package var baseline: [BaselineWindow] = []
  package var trend: [TrendRow] = []
  /// What is watched over weeks, when it is to be stored.
  package var watch: WatchRecord?
  /// In order of arrival.
  package var occurrences: [Occurrence] = []
  /// For `MachineAlarms`, in order of arrival; not stored.
  package var changes: [VerdictChange] = []
  /// New or changed alarms of the point's machine.
  package var alarms: [Alarm] = []
  /// Waveforms worth keeping, around what happened or for training.
  package var waveforms: [WaveformSnapshot] = []

  package init(point: PointID, state: PointState) {
    self.point = point
    self.state = state
  }
}

/// A point's latest samples at one moment, at most `mostSamples`.
package struct WaveformSnapshot: Sendable, Equatable {
  package enum Cause: String, Sendable { case alarm, warning, recovered, abstained, healthy, asked }

  package static let mostSamples = 32_768

  package var point: PointID
  package var cause: Cause
  /// Of the last sample.
  package var time: UnixTime
  package var samples: [Float]
  package var sampleRateHz: Double
  package var unit: SignalUnit
  package var speedRPM: Double?
  package var spectrum: Explanation.EnvelopeSpectrum?

  package init(
    point: PointID, cause: Cause, time: UnixTime, samples: [Float], sampleRateHz: Double, unit: SignalUnit,
    speedRPM: Double? = nil, spectrum: Explanation.EnvelopeSpectrum? = nil
  ) {
    (self.point, self.cause, self.time, self.samples) = (point, cause, time, samples)
    (self.sampleRateHz, self.unit, self.speedRPM, self.spectrum) = (sampleRateHz, unit, speedRPM, spectrum)
  }
}

/// One healthy window that the point may learn from.
package struct BaselineWindow: Sendable, Equatable {
  /// 0, 1, 2 … within the point's baseline.
  package var index: Int
  package var features: [Float]
  /// Measured with it, revolutions per minute.
  package var speedRPM: Double?

  package init(index: Int, features: [Float], speedRPM: Double? = nil) {
    self.index = index
    self.features = features
    self.speedRPM = speedRPM
  }
}

/// One row of a point's history, at most one a minute and one a block.
package struct TrendRow: Sendable, Equatable {
  package var time: UnixTime
  package var velocityRMS: Double?
  package var rms: Double
  /// 1 or more; 0 for a slow value, which has none, and whose value stands where vibration has its RMS.
  package var kurtosis: Double
  package var probability: Double?
  package var verdict: Verdict

  package init(time: UnixTime, velocityRMS: Double?, rms: Double, kurtosis: Double, probability: Double?, verdict: Verdict) {
    self.time = time
    self.velocityRMS = velocityRMS
    self.rms = rms
    self.kurtosis = kurtosis
    self.probability = probability
    self.verdict = verdict
  }
}

/// Something that happened and that the cloud is told: the store makes it an event with a number, a chain hash and a lane.
package struct Occurrence: Sendable {
  /// Position of the message in its batch: occurrences of several points are numbered in order of arrival.
  package var arrival: Int
  package var time: UnixTime
  /// `machine/point`, `machine`, or empty for the gateway itself.
  package var subject: String
  package var kind: Kind

  package enum Kind: Sendable {
    case alarmRaised(AlarmReport)
    case alarmEscalated(AlarmReport)
    case alarmCleared(AlarmReport)
    /// A suppressed point went on, or rose: what would have been raised.
    case alarmWithheld(AlarmReport)
    case alarmAcknowledged(AlarmAnswer)
    case alarmShelved(AlarmAnswer)
    case alarmUnshelved(AlarmAnswer)
    case outOfService(PointAnswer)
    case inService(PointAnswer)
    case labelled(LabelReport)
    case maintained(MaintenanceReport)
    case learning(LearningReport)
    case baselineReady(BaselineReport)
    /// What a point measures drifts away from its baseline, or came back.
    case driftNoticed(DriftReport)
    case sensorFault(SensorReport)
    case sensorRecovered(SensorReport)
    case sessionLost(SessionReport)
    case modelMoved(ModelReport)
  }

  package init(arrival: Int, time: UnixTime, subject: String, kind: Kind) {
    self.arrival = arrival
    self.time = time
    self.subject = subject
    self.kind = kind
  }
}

/// A baseline is complete and a model learned from it is in use.
package struct BaselineReport: Sendable, Codable, Equatable {
  package var windows: Int
  package var modelVersion: String
  package var uncalibrated: Bool
  /// False at first: what the budget of false alarms needs is gathered from now on.
  package var budgetSupported = false

  package init(windows: Int, modelVersion: String, uncalibrated: Bool) {
    self.windows = windows
    self.modelVersion = modelVersion
    self.uncalibrated = uncalibrated
  }
}

/// A sensor's signal began or ceased to fail a check.
package struct SensorReport: Sendable, Codable, Equatable {
  package var reason: String

  package init(reason: String) { self.reason = reason }
}

/// A delivered model came to another stage of its road.
package struct ModelReport: Sendable, Codable, Equatable {
  package var model: String
  package var version: String
  /// Of its package.
  package var sha256: String
  /// False where nobody's signature stands behind it.
  package var signed: Bool
  /// `shadow`, `canary`, `active`, `failed`, `rolled_back`, `revoked`, `retired`.
  package var stage: String
  /// For machines and for people, where it failed or was taken back.
  package var reason: String?
  package var words: String?

  package init(
    model: String, version: String, sha256: String, signed: Bool, stage: String, reason: String? = nil, words: String? = nil
  ) {
    (self.model, self.version, self.sha256, self.signed) = (model, version, sha256, signed)
    (self.stage, self.reason, self.words) = (stage, reason, words)
  }
}

/// The broker no longer knows this gateway's session: what it held is gone.
package struct SessionReport: Sendable, Codable, Equatable {
  package var broker: String

  package init(broker: String) { self.broker = broker }
}
