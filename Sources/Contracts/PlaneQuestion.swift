import Signal

/// The plane asks for something out of turn: `down/ask`. It asks again until an event `org.thrum.asked.v1` names the question.
package struct PlaneQuestion: PlaneMessage {
  /// Chosen by the plane: 1 to 63 of `a-z`, `0-9`, `-`.
  package var id: String
  package var what: What
  /// Evidence of this event, by its id, or this evidence by its own.
  package var event: String?
  /// `machine/point`, with `waveform`.
  package var point: String?

  package enum What: String, Codable, Sendable {
    /// The waveforms that were kept with an event.
    case evidence
    /// A waveform of a point as it is now.
    case waveform
    /// What became of the frames, as it stands now.
    case ledger
  }

  package init(id: String, what: What, event: String? = nil, point: String? = nil) {
    (self.id, self.what, self.event, self.point) = (id, what, event, point)
  }

  package var isValid: Bool {
    PlaneTopics.isName(id) && (event != nil) == (what == .evidence) && (point != nil) == (what == .waveform)
      && (1...512).contains(event?.utf8.count ?? 1) && point.map { PointID(words: $0) != nil } ?? true
  }
}

extension PointID {
  /// As `machine/point`; `nil` when a name is empty, longer than 63 bytes, or there are not two.
  package init?(words: String) {
    let names = words.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard names.count == 2, names.allSatisfy({ (1...63).contains($0.utf8.count) }) else { return nil }
    self.init(machine: names[0], point: names[1])
  }
}

/// What a gateway answers, in its lane of events: what was asked for stands in the lanes where it belongs.
package struct AskedReport: Sendable, Codable, Equatable {
  package static let type = "org.thrum.asked.v1"

  package var question: String
  package var what: PlaneQuestion.What
  package var event: String?
  package var point: String?
  package var outcome: Outcome
  /// Ids of the waveforms that go, or wait to go.
  package var evidence: [String]

  package enum Outcome: String, Sendable, Codable {
    /// It goes now, as far as the day's bytes allow; a waveform when the point's next samples are here.
    case sent
    /// It waits in its lane already: the plane never had it.
    case waiting
    /// The event is here; no waveform of it is, or not any more.
    case notKept = "not_kept"
    /// No such event is here, or not any more; no such point with samples.
    case unknown
  }

  package init(_ question: PlaneQuestion, _ outcome: Outcome, evidence: [String] = []) {
    (self.question, what, event, point) = (question.id, question.what, question.event, question.point)
    (self.outcome, self.evidence) = (outcome, evidence)
  }
}
