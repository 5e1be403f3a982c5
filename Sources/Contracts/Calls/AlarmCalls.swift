import Anomaly

/// What became of an alarm that somebody answered.
package struct AlarmReply: Codable, Sendable {
  package var alarm: AlarmRow
  package init(_ alarm: AlarmRow) { self.alarm = alarm }
}

/// Somebody has seen the alarm and takes care of it.
package struct Acknowledge: Call {
  package static let name = "acknowledge"
  package typealias Reply = AlarmReply

  /// As `thrum alarms` lists it.
  package var alarm: String
  /// What was found.
  package var note: String?

  package init(alarm: String, note: String? = nil) {
    self.alarm = alarm
    self.note = note
  }

  package func check() throws(CallProblem) { try CallText.check(note, "note", of: Self.name) }
}

/// Puts an alarm aside for a time; its points raise nothing meanwhile, and it comes back by itself (ISA-18.2 "shelved").
package struct Shelve: Call {
  package static let name = "shelve"
  package typealias Reply = AlarmReply
  /// A shift or a week, not for ever: what nobody needs is taken out of service.
  package static let seconds = 1...30 * 86_400

  package var alarm: String
  package var forS: Int
  package var note: String?

  package init(alarm: String, forS: Int, note: String? = nil) {
    self.alarm = alarm
    self.forS = forS
    self.note = note
  }

  package func check() throws(CallProblem) {
    try CallText.check(seconds: forS, in: Self.seconds, of: Self.name)
    try CallText.check(note, "note", of: Self.name)
  }
}

/// Takes an alarm back before its time is over.
package struct Unshelve: Call {
  package static let name = "unshelve"
  package typealias Reply = AlarmReply

  package var alarm: String

  package init(alarm: String) { self.alarm = alarm }
}

/// What an alarm was, or what a point does: the word of somebody who looked.
package struct Label: Call {
  package static let name = "label"
  package typealias Reply = LabelRow

  package enum Word: String, Codable, Sendable, CaseIterable { case good, bad, unsure }

  /// What Thrum names itself, and what people find besides: past alarms are compared and counted by these words.
  package static let faults =
    Advice.faults.filter { $0 != "any" } + ["lubrication", "coupling", "belt", "cavitation", "sensor", "other"]

  /// An alarm's id, or `machine/point`.
  package var subject: String
  package var label: Word
  package var fault: String?
  package var note: String?

  package init(subject: String, label: Word, fault: String? = nil, note: String? = nil) {
    self.subject = subject
    self.label = label
    self.fault = fault
    self.note = note
  }

  package func check() throws(CallProblem) {
    try CallText.check(fault, "fault", of: Self.name, maxBytes: 63)
    try CallText.check(note, "note", of: Self.name)
    if let fault, !Self.faults.contains(fault) {
      let known = Self.faults.joined(separator: ", ")
      throw CallProblem(
        .invalid, Self.name, subject, reason: "no fault is called \(fault)",
        remedy: "known are \(known); what else it was goes into the note")
    }
    guard fault == nil || label != .good else {
      throw CallProblem(.invalid, Self.name, subject, reason: "a fault was named and the machine called good")
    }
  }
}
