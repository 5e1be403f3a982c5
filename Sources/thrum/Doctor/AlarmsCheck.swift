import Anomaly
import Contracts
import Signal
import Store
import Terminal

/// Whether people can live with the alarms, in the terms of EEMUA 191 and ISA-18.2: how many a day, chattering, standing for ever.
enum AlarmsCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let record = try? patient.alarms.get() else { return [] }
    let chattering = record.chattering.map(chatter), stale = record.stale.prefix(5).map(stale)
    return [rate(record)] + (chattering.isEmpty ? [.ok("alarms.chatter", "none chatters")] : chattering)
      + (stale.isEmpty ? [.ok("alarms.stale", "none has stood for more than a day")] : stale) + aside(record)
      + record.changedMeaning.map(meaning)
  }

  /// EEMUA 191: an average of less than one alarm in ten minutes is what one operator can very likely live with.
  private static let manageableADay = 144.0

  private static func rate(_ record: AlarmRecord) -> Finding {
    guard let worst = record.raisedADay.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else {
      return .ok("alarms.rate", "none in the last \(record.dayCount) days")
    }
    let sum = record.raisedADay.values.reduce(0, +)
    let words = "\(number(sum, 1)) a day over \(record.dayCount) days, most from \(worst.key): \(number(worst.value, 1)) a day"
    guard sum > manageableADay else { return .ok("alarms.rate", words) }
    return .warning("alarms.rate", words, remedy: "more than one in ten minutes is more than a person can answer (EEMUA 191)")
  }

  private static func chatter(_ machine: String, _ count: Int) -> Finding {
    .warning(
      "alarms.chatter", "\(machine) chatters: raised \(count) times within an hour",
      remedy: "look at its sensor and its speed; thrum shelve puts it aside meanwhile")
  }

  private static func stale(_ alarm: Alarm, _ hours: Double) -> Finding {
    .warning(
      "alarms.stale", "\(alarm.id) has stood for \(span(seconds: hours * 3600)) (\(alarm.state.rawValue))",
      remedy: "an alarm that stands for more than a day is no call to act: mend, shelve with a reason, or take out of service")
  }

  private static func meaning(_ drift: ConceptDrift) -> Finding {
    let band =
      "\(number(drift.scores.lowerBound, 1))"
      + (drift.scores.upperBound.isFinite ? " to \(number(drift.scores.upperBound, 1))" : " and more")
    let parts =
      "\(number(100 * drift.faultsBefore, 0)) % of the labelled ones were faults before, \(number(100 * drift.faultsLately, 0)) % lately"
    return .warning(
      "alarms.meaning", "alarms with scores of \(band) no longer mean the same: \(parts)",
      remedy: "look at what changed on the machines; thrum learn … reset where they are well and run otherwise than before")
  }

  private static func aside(_ record: AlarmRecord) -> [Finding] {
    record.aside == 0 ? [] : [.ok("alarms.aside", "\(record.aside) points are shelved or out of service: thrum points")]
  }
}

/// The alarms of the last week, and those that stand.
struct AlarmRecord {
  /// Whole days that are looked at.
  let dayCount: Int
  /// By machine; only those that raised any.
  let raisedADay: [String: Double]
  /// Machines whose alarm was raised three times or more within some hour, and how often in the worst one. ISA-18.2 says three in a
  /// minute; ours are debounced over windows and cannot be that fast.
  let chattering: [(machine: String, count: Int)]
  /// On for more than 24 hours, and for how many.
  let stale: [(alarm: Alarm, hours: Double)]
  let aside: Int
  /// Where labels of alarms tell another story than they did.
  var changedMeaning: [ConceptDrift] = []

  init(_ reader: StoreReader, now: UnixTime = .now) throws {
    let history = try reader.alarmHistory(newest: Self.eventsLookedAt)
    self.init(
      raised: history.filter { $0.type == "org.thrum.alarm.raised.v1" }, alarms: try reader.alarms(newest: .max),
      aside: try reader.points().count { $0.suppression != nil }, now: now)
    let labels = try reader.labels()
    changedMeaning = ConceptDrift.find(
      try reader.alarms(newest: .max).compactMap { alarm in
        guard let label = labels[alarm.id], label.label != .unsure, let score = alarm.explanation.score else { return nil }
        return (score: score, isFault: label.label == .bad, at: alarm.raisedAt)
      })
  }

  /// - Parameter raised: when each machine's alarm was raised, in any order.
  init(raised: [EventMark], alarms: [Alarm], aside: Int, now: UnixTime) {
    let recent = raised.filter { (0..<Self.days * 86_400).contains(now.seconds(since: $0.time)) }
    dayCount = Int(Self.days)
    let times = Dictionary(grouping: recent, by: \.subject).mapValues { $0.map(\.time).sorted() }
    raisedADay = times.mapValues { Double($0.count) / Self.days }
    chattering = times.map { ($0.key, Self.mostInAnHour($0.value)) }.filter { $0.1 >= 3 }.sorted { $0.0 < $1.0 }
    stale = alarms.filter(\.isOn).map { ($0, now.seconds(since: $0.raisedAt) / 3600) }.filter { $0.1 > 24 }.sorted { $0.1 > $1.1 }
    self.aside = aside
  }

  private static let days = 7.0
  private static let eventsLookedAt = 20_000

  /// - Parameter times: in order.
  private static func mostInAnHour(_ times: [UnixTime]) -> Int {
    var first = 0
    var most = 0
    for last in times.indices {
      while times[last].seconds(since: times[first]) > 3600 { first += 1 }
      most = max(most, last - first + 1)
    }
    return most
  }
}
