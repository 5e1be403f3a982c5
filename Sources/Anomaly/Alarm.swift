import Signal

/// The stateful thing a person answers (ISA-18.2): one per machine, with its member points.
package struct Alarm: Sendable, Equatable {
  /// Stable over its life: `<machine>#<n>`, n counting the machine's alarms from 1.
  package var id: String
  package var machine: String
  package var state: State
  package var priority: Priority
  package var members: [PointID]
  package var raisedAt: UnixTime
  package var changedAt: UnixTime
  package var clearedAt: UnixTime?
  package var acknowledgedBy: String?
  /// While it is shelved or out of service: who put it there, and until when; `nil`: until somebody puts it back.
  package var suppressedBy: String?
  package var suppressedUntil: UnixTime?
  /// What somebody said of it last.
  package var note: String?
  /// Why, as it stood when the alarm was raised or last rose.
  package var explanation: Explanation

  package init(
    id: String, machine: String, state: State, priority: Priority, members: [PointID], raisedAt: UnixTime, changedAt: UnixTime,
    clearedAt: UnixTime? = nil, acknowledgedBy: String? = nil, explanation: Explanation
  ) {
    self.id = id
    self.machine = machine
    self.state = state
    self.priority = priority
    self.members = members
    self.raisedAt = raisedAt
    self.changedAt = changedAt
    self.clearedAt = clearedAt
    self.acknowledgedBy = acknowledgedBy
    self.explanation = explanation
  }

  /// ISA-18.2-2016 alarm states that a rationalised alarm moves through.
  package enum State: String, Sendable, CaseIterable {
    /// On and not yet answered.
    case unacknowledged
    /// On and answered.
    case acknowledged
    /// Gone before anybody answered.
    case returned = "returned_unacknowledged"
    /// Gone and answered: history.
    case closed
    /// Put aside for a time; it comes back by itself.
    case shelved
    /// Its points are not believed until somebody puts them back.
    case outOfService = "out_of_service"
  }

  package enum Priority: String, Sendable, Comparable, CaseIterable, Codable {
    case warning, alarm
    package static func < (a: Self, b: Self) -> Bool { a == .warning && b == .alarm }
  }
}

/// Why a window was judged as it was: numbers a technician can check, and one sentence in words.
package struct Explanation: Sendable, Equatable, Codable {
  /// One sentence: what is seen, by how much, where it points to.
  package var words: String
  /// What decided: `zones`, `model`, or both.
  package var decidedBy: [String]
  package var zone: SeverityZone?
  /// Velocity RMS 10–1000 Hz, mm/s.
  package var velocityRmsMmS: Double?
  package var probability: Double?
  /// How many labels the probability was calibrated on; left out where it is the margin's own.
  package var probabilityLabels: Int?
  package var score: Double?
  package var uncalibrated: Bool
  /// The features that contributed most, largest share first.
  package var contributions: [Contribution]
  package var lines: [LineFinding]
  package var spectrum: EnvelopeSpectrum?
  /// The bearing's part that was named, or else what the shaft's lines are consistent with; left out where neither is.
  package var fault: String?
  /// How rare that is while the machine is healthy; left out where nothing was learned.
  package var budget: Budget?
  /// What the point measures drifts away from its baseline: how; left out where it does not.
  package var drift: String?

  /// The budget of false alarms (docs/MODELS.md).
  package struct Budget: Sendable, Equatable, Codable {
    /// Of this point.
    package var falseAlarmsPerMonth: Double
    /// False: too little of the healthy machine was seen to tell; the limit is a marked margin.
    package var budgetSupported: Bool
    /// Seconds of running that a decision looks at.
    package var decisionS: Double
    /// Conformal p-value of each detector in the last decision; empty before there is one.
    package var pValues: [String: Double]
    /// How often a month a healthy machine is as strange as in the last decision; left out before there is one.
    package var healthyPerMonth: Double?
  }

  package struct Contribution: Sendable, Equatable, Codable {
    package var feature: String
    /// Part of the autoencoder's error that lies in this feature, 0 to 1.
    package var share: Double
    package var value: Double
    /// Distance from the baseline's mean in its standard deviations; 0 where a model that came as ONNX does not tell.
    package var deviations: Double
  }

  /// A bearing defect line searched for in the envelope spectrum.
  package struct LineFinding: Sendable, Equatable, Codable {
    /// `BPFO`, `BPFI`, `2xBSF`, `FTF`.
    package var name: String
    package var frequencyHz: Double
    package var amplitude: Double
    /// Amplitude over the median of its surroundings.
    package var ratioToFloor: Double
    package var harmonics: Int
    /// Distance of the sidebands on both sides; left out where there are none.
    package var sidebandsHz: Double?
  }

  /// One-sided amplitude (peak) spectrum of the envelope, at most 512 bins from `resolution_hz` on (the DC bin is left out).
  package struct EnvelopeSpectrum: Sendable, Equatable, Codable {
    package var unit: String
    package var resolutionHz: Double
    package var bandHz: [Double]
    package var amplitude: [Float]
  }
}

extension Explanation {
  /// In place of one that cannot be read any more.
  package static let lost = Explanation(words: "What led to this alarm was lost when the store was damaged.")

  static func undecided(_ verdict: Verdict) -> Explanation {
    Explanation(words: "Nothing is decided: \(verdict.reason ?? verdict.name).")
  }

  /// Words alone, nothing measured.
  package init(words: String) {
    self.init(
      words: words, decidedBy: [], zone: nil, velocityRmsMmS: nil, probability: nil, score: nil, uncalibrated: false,
      contributions: [], lines: [], spectrum: nil)
  }
}

/// What a person did to an alarm, or the end of the time it was put aside for.
package struct AlarmAnswer: Sendable, Codable, Equatable {
  package var alarm: String
  package var machine: String
  package var points: [String]
  package var state: String
  /// Left out where nobody did it.
  package var by: String?
  /// RFC 3339.
  package var until: String?
  package var note: String?

  package init(_ alarm: Alarm, by person: String?, note: String? = nil) {
    self.alarm = alarm.id
    machine = alarm.machine
    points = alarm.members.map(\.point)
    state = alarm.state.rawValue
    by = person
    until = alarm.suppressedUntil?.rfc3339
    self.note = note
  }
}

/// An alarm as it is told to the cloud.
package struct AlarmReport: Sendable, Codable, Equatable {
  package var alarm: String
  package var machine: String
  package var points: [String]
  package var priority: Alarm.Priority
  package var explanation: Explanation

  package init(_ alarm: Alarm) {
    self.alarm = alarm.id
    machine = alarm.machine
    points = alarm.members.map(\.point)
    priority = alarm.priority
    explanation = alarm.explanation
  }
}
