import Anomaly
import Contracts
import Signal
import Store

/// What somebody is told: that an alarm was raised, escalated, cleared, or what people did to it.
struct Notice: Encodable, Sendable, Equatable {
  /// The event's: who is told twice knows it by this.
  let id: String
  /// `alarm raised`, `alarm cleared`, `point out of service`, …
  let event: String
  let time: UnixTime
  let fleet: String
  let gateway: String
  let machine: String
  /// Left out where the event is about a point alone.
  let alarm: AlarmState?
  /// One line for people.
  let text: String

  /// The alarm as it stands now, without its spectrum.
  struct AlarmState: Codable, Sendable, Equatable {
    let id: String
    let points: [String]
    let state: String
    let priority: Alarm.Priority
    let raisedAt: UnixTime
    @OrNull var clearedAt: UnixTime?
    @OrNull var acknowledgedBy: String?
    @OrNull var fault: String?
    let words: String

    init(_ alarm: Alarm) {
      (id, points, state, priority) = (alarm.id, alarm.members.map(\.point), alarm.state.rawValue, alarm.priority)
      (raisedAt, clearedAt, acknowledgedBy) = (alarm.raisedAt, alarm.clearedAt, alarm.acknowledgedBy)
      (fault, words) = (alarm.explanation.fault, String(alarm.explanation.words.prefix(2000)))
    }
  }

  /// What is needed of an event's line.
  private struct Line: Decodable {
    struct Data: Decodable { var alarm: String? }
    var id: String
    var type: String
    var subject: String?
    var time: UnixTime
    var data: Data?
  }

  /// - Parameter alarm: looks up an alarm by its id.
  /// - Returns: `nil` for a gap in the lane.
  init?(_ item: LaneItem, from gateway: (fleet: String, name: String), alarm: (String) -> Alarm?) {
    guard let line = try? JSON.decode(Line.self, from: item.bytes) else { return nil }
    let found = line.data?.alarm.flatMap(alarm)
    (id, event, time) = (line.id, EventType.words(line.type).replacing("_", with: " "), line.time)
    (fleet, self.gateway) = gateway
    machine = found?.machine ?? line.subject.map { String($0.prefix { $0 != "/" }) } ?? ""
    self.alarm = found.map { AlarmState($0) }
    text = "\(gateway.name): \(event): \(found?.id ?? line.subject ?? "")" + (found.map { ": \($0.explanation.words)" } ?? "")
  }
}

/// What waits to be told to one: read from the store's lane of alarms, so that nothing is lost that was committed.
struct NoticeQueue {
  private let reader: StoreReader
  private let gateway: (fleet: String, name: String)
  private let priority: Alarm.Priority

  init(_ reader: StoreReader, fleet: String, gateway: String, priority: Alarm.Priority) {
    (self.reader, self.gateway, self.priority) = (reader, (fleet, gateway), priority)
  }

  /// A notice, or an event that nobody is told of, with its place.
  struct Entry {
    let place: NoticePlace
    let notice: Notice?
  }

  /// Where a first start begins: who is new is not told old stories.
  func end() throws(StoreError) -> NoticePlace? {
    guard let numbering = try reader.numbering() else { return nil }
    let last = numbering.lanes.first { $0.lane == .alarm }?.last ?? 0
    return NoticePlace(epoch: "\(numbering.epoch)", sequence: last, time: nil)
  }

  /// What lies beyond a place, in order. After a new epoch has numbered anew, what was told before is known by its time.
  func beyond(_ place: NoticePlace) throws(StoreError) -> [Entry] {
    guard let numbering = try reader.numbering() else { return [] }
    let epoch = "\(numbering.epoch)"
    let isSame = epoch == place.epoch
    return try reader.items(of: .alarm, beyond: isSame ? place.sequence : 0, bytes: Self.mostBytes).map { item in
      let notice = Notice(item, from: gateway) { id in (try? reader.alarm(id)) ?? nil }
      let isOld = !isSame && notice.map { $0.time <= place.time ?? UnixTime(nanoseconds: 0) } == true
      let isWanted = notice?.alarm.map { $0.priority >= priority } ?? true
      return Entry(
        place: NoticePlace(epoch: epoch, sequence: item.sequence, time: notice?.time ?? place.time),
        notice: isOld || !isWanted ? nil : notice)
    }
  }

  private static let mostBytes = 1 << 18
}

extension [NoticeQueue.Entry] {
  /// Where not all can be told, a machine's newest notice stands for those before it.
  var newestOfEachMachine: Self {
    var seen: Set<String> = []
    return reversed().map { entry in
      guard let machine = entry.notice?.machine, !seen.insert(machine).inserted else { return entry }
      return Element(place: entry.place, notice: nil)
    }.reversed()
  }
}
