/// How a point stands after somebody's word.
package struct PointReply: Codable, Sendable, Equatable {
  package var machine: String
  package var point: String
  package var baseline: StatusReport.Baseline
  /// Why its alarms are not shown; left out where they are.
  package var suppression: SuppressionRow?

  package init(machine: String, point: String, baseline: StatusReport.Baseline, suppression: SuppressionRow?) {
    self.machine = machine
    self.point = point
    self.baseline = baseline
    self.suppression = suppression
  }
}

/// Nothing of this point is to be believed for now: it raises no alarm and learns nothing (ISA-18.2 "out of service").
package struct TakeOutOfService: Call {
  package static let name = "out-of-service"
  package typealias Reply = PointReply
  package static let seconds = 1...366 * 86_400

  /// `machine/point`.
  package var point: String
  /// `nil`: until it is put back.
  package var forS: Int?
  package var note: String?

  package init(point: String, forS: Int? = nil, note: String? = nil) {
    self.point = point
    self.forS = forS
    self.note = note
  }

  package func check() throws(CallProblem) {
    try CallText.check(seconds: forS, in: Self.seconds, of: Self.name)
    try CallText.check(note, "note", of: Self.name)
  }
}

/// The point counts again.
package struct PutInService: Call {
  package static let name = "in-service"
  package typealias Reply = PointReply

  package var point: String

  package init(point: String) { self.point = point }
}

/// Somebody worked on the machine.
package struct Maintain: Call {
  package static let name = "maintenance"
  package typealias Reply = PointReply

  package var point: String
  package var note: String
  /// What healthy is has changed: forget it and learn anew.
  package var resetBaseline: Bool

  package init(point: String, note: String, resetBaseline: Bool) {
    self.point = point
    self.note = note
    self.resetBaseline = resetBaseline
  }

  package func check() throws(CallProblem) { try CallText.check(note, "note", of: Self.name) }
}

/// What a point shall do about its baseline.
package struct Learn: Call {
  package static let name = "learn"
  package typealias Reply = PointReply

  package enum Action: String, Codable, Sendable, CaseIterable {
    /// Go on collecting healthy windows.
    case start
    /// Collect none until told to start.
    case stop
    /// Forget windows and model, begin anew.
    case reset
  }

  package var point: String
  package var action: Action

  package init(point: String, action: Action) {
    self.point = point
    self.action = action
  }
}

/// The point's next waveform is kept as evidence, and goes to the plane.
package struct KeepWaveform: Call {
  package static let name = "evidence"
  package typealias Reply = PointReply

  package var point: String

  package init(point: String) { self.point = point }
}
