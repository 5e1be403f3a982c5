import Anomaly
import ArgumentParser
import Contracts
import Signal
import Store
import Terminal

struct Review: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review", abstract: "List what waits for a person: points that say nothing, and alarms nobody has named yet.",
    discussion: """
      A point is listed while it abstains for a reason that a person can mend; an alarm until it is labelled good or bad.

      EXAMPLES
        thrum review
        thrum review --json
        thrum label pump-7#1 bad --fault outer
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output

  private struct Listing: Encodable { let items: [ReviewItem] }

  func run() throws {
    gateway.tellStopped(unless: output.json)
    let reader = try gateway.reader()
    let items = ReviewItem.waiting(
      points: try reader.points(), alarms: try reader.alarms(newest: Self.alarmsLookedAt), labels: try reader.labels())
    if output.json { return printJSON(Listing(items: items)) }
    guard !items.isEmpty else { return print("Nothing waits for a person.") }
    var table = Table(["id", "why", "since"])
    for item in items { table.add(item.id, item.reason, item.since.flatMap(UnixTime.init(rfc3339:))?.local ?? "-") }
    print(table.rendered(within: Screen.columns))
    print("\nthrum label ID good|bad|unsure says what it was.")
  }

  private static let alarmsLookedAt = 200
}

/// One thing that only a person can decide.
struct ReviewItem: Encodable {
  /// An alarm's id, or `machine/point`.
  var id: String
  /// `abstain` or `alarm`.
  var kind: String
  var reason: String
  @OrNull var since: String?

  /// Points first, by name; then alarms, newest first.
  static func waiting(points: [PointRecord], alarms: [Alarm], labels: [String: LabelRow]) -> [Self] {
    points.compactMap { item($0, labels[$0.point.description]) } + alarms.compactMap { item($0, labels[$0.id]) }
  }

  /// A point that somebody named after its last frame waits for nobody until it sends again.
  private static func item(_ record: PointRecord, _ label: LabelRow?) -> Self? {
    if let label, label.label != .unsure, label.at >= record.state.lastFrameAt ?? label.at { return nil }
    guard record.suppression == nil, case .abstain(let reason) = record.state.verdict, needsPerson(reason) else { return nil }
    return Self(id: record.point.description, kind: "abstain", reason: reason.rawValue, since: record.state.lastFrameAt?.rfc3339)
  }

  private static func item(_ alarm: Alarm, _ label: LabelRow?) -> Self? {
    guard label == nil || label?.label == .unsure else { return nil }
    let reason = label == nil ? "not labelled" : "unsure" + (label?.note.map { ": \($0)" } ?? "")
    return Self(id: alarm.id, kind: "alarm", reason: reason, since: alarm.raisedAt.rfc3339)
  }

  /// What passes by itself is left out.
  private static func needsPerson(_ reason: AbstainReason) -> Bool {
    switch reason {
    case .learning, .noData, .unconfirmed: false
    default: true
    }
  }
}
