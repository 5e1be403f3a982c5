import Contracts
import Signal

/// What a salvage kept and what it could not: an event for the plane, and shown by `thrum doctor`.
package struct SalvageReport: Codable, Sendable, Equatable {
  /// What was found to be damaged.
  package var cause: String
  /// Where the damaged files lie now.
  package var setAside: String
  package var keptRows = 0
  /// By table; rows of a damaged page whose number cannot be told count as far as their keys were known.
  package var lostRows: [String: Int] = [:]
  /// Numbered events that are gone, by lane.
  package var lostEvents: [String: Int] = [:]
  /// Between the newest event before and the oldest behind what was lost; `nil`: open on that side.
  package var lostFrom: UnixTime?
  package var lostTo: UnixTime?
  /// Transactions behind the damage of the log whose ends were found, and frames of the log that could not be used.
  package var transactionsBehind = 0
  package var lostFrames = 0

  package init(cause: String, setAside: String) {
    self.cause = cause
    self.setAside = setAside
  }

  package var lostRowsTotal: Int { lostRows.values.reduce(0, +) }
  package var lostEventsTotal: Int { lostEvents.values.reduce(0, +) }
  package var isComplete: Bool { lostRowsTotal == 0 && lostEventsTotal == 0 && lostFrames == 0 && !isUncounted }
  /// Of a file without a byte nobody can tell all that stood in it.
  private var isUncounted: Bool { cause == Self.emptied }
  static let emptied = "the database was emptied"

  /// For people.
  package var words: String {
    let span =
      lostFrom == nil && lostTo == nil
      ? "" : ", between \(lostFrom?.rfc3339 ?? "the beginning") and \(lostTo?.rfc3339 ?? "the end")"
    let counted = isComplete ? "nothing lost" : "\(lostEventsTotal) events and \(lostRowsTotal) rows lost\(span)"
    let loss = isUncounted ? "\(counted) for certain, and whatever its log did not hold" : counted
    return "\(cause): \(keptRows) rows kept, \(loss); the damaged files are \(setAside)*"
  }
}

/// What is found when a store is opened and people should know.
package struct OpeningReport: Sendable, Equatable {
  package var salvage: SalvageReport?
  package var incidents: [Incident] = []
  /// Sentences for the log.
  package var notes: [String] = []

  package init() {}

  package struct Incident: Sendable, Equatable, Codable {
    package var kind: String
    package var words: String

    init(_ kind: String, _ words: String) { (self.kind, self.words) = (kind, words) }
  }
}
