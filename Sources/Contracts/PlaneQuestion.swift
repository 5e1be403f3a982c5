/// The plane asks for something out of turn: `down/ask`. It asks again until an event `org.thrum.asked.v1` names the question.
package struct PlaneQuestion: PlaneMessage {
  /// Chosen by the plane: 1 to 63 of `a-z`, `0-9`, `-`.
  package var id: String
  package var what: What
  /// Evidence of this event, by its id, or this evidence by its own.
  package var event: String?

  package enum What: String, Codable, Sendable {
    /// The waveforms that were kept with an event.
    case evidence
    /// What became of the frames, as it stands now.
    case ledger
  }

  package init(id: String, what: What, event: String? = nil) { (self.id, self.what, self.event) = (id, what, event) }

  package var isValid: Bool {
    PlaneTopics.isName(id) && (what == .evidence ? (1...512).contains(event?.utf8.count ?? 0) : event == nil)
  }
}

/// What a gateway answers, in its lane of events: what was asked for stands in the lanes where it belongs.
package struct AskedReport: Sendable, Codable, Equatable {
  package static let type = "org.thrum.asked.v1"

  package var question: String
  package var what: PlaneQuestion.What
  package var event: String?
  package var outcome: Outcome
  /// Ids of the waveforms that go, or wait to go.
  package var evidence: [String]

  package enum Outcome: String, Sendable, Codable {
    /// It goes now, as far as the day's bytes allow.
    case sent
    /// It waits in its lane already: the plane never had it.
    case waiting
    /// The event is here; no waveform of it is, or not any more.
    case notKept = "not_kept"
    /// No such event is here, or not any more.
    case unknown
  }

  package init(_ question: PlaneQuestion, _ outcome: Outcome, evidence: [String] = []) {
    (self.question, what, event) = (question.id, question.what, question.event)
    (self.outcome, self.evidence) = (outcome, evidence)
  }
}
