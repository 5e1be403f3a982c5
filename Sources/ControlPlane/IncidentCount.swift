import Contracts
import Signal

/// What the alarms were worth, as people said: the newest label of each alarm, and notes of repairs.
package struct IncidentCount: Sendable, Encodable, Equatable {
  /// Alarms since the plane began to listen, each once: one that goes off and on again, or comes back from its shelf, is the same until it
  /// is closed.
  package var alarms = 0
  /// Labelled bad, or not labelled and the machine was repaired within `repairDays` of the alarm.
  package var caught = 0
  /// Labelled good: nothing was wrong.
  package var falseAlarms = 0
  /// Neither labelled nor repaired yet, or unsure.
  package var open = 0
  /// A point labelled bad, or a machine repaired, without an alarm in the `repairDays` before.
  package var missed = 0

  package static let repairDays = 30.0

  package init() {}

  /// - Parameter events: in order of arrival.
  package init(_ events: [IncidentEvent]) {
    let raised = Self.alarms(events)
    alarms = raised.count
    for alarm in raised {
      switch events.last(where: { $0.kind.isLabel && $0.alarm == alarm.alarm && $0.gateway == alarm.gateway })?.kind {
      case .labelled("bad"): caught += 1
      case .labelled("good"): falseAlarms += 1
      case .labelled: open += 1
      default: if events.contains(where: { $0.isRepair(of: alarm) }) { caught += 1 } else { open += 1 }
      }
    }
    missed = events.filter { event in event.tellsOfHarm && !raised.contains { event.follows($0) } }.count
  }

  /// The first raising of each alarm. A closed one's name comes again only from a gateway that was reset.
  private static func alarms(_ events: [IncidentEvent]) -> [IncidentEvent] {
    var open: [String: Bool] = [:], first: [IncidentEvent] = []
    for event in events {
      guard let alarm = event.alarm.map({ "\(event.gateway) \($0)" }) else {
        if event.kind == .raised { first.append(event) }
        continue
      }
      switch event.kind {
      case .raised:
        if open.updateValue(false, forKey: alarm) == nil { first.append(event) }
      case .answered("closed"): open[alarm] = nil
      case .answered(let state): open[alarm] = state == "acknowledged"
      case .cleared: if open[alarm] == true { open[alarm] = nil }
      case .maintained, .labelled: break
      }
    }
    return first
  }
}

/// The part of an event that tells of an incident.
package struct IncidentEvent: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case raised, cleared, maintained
    case labelled(String)
    /// An alarm's state after somebody's word, or after the end of its shelf's time.
    case answered(String)

    var isLabel: Bool { if case .labelled = self { true } else { false } }
  }

  package var gateway: String
  package var machine: String
  package var time: UnixTime
  package var kind: Kind
  /// Of a raised, cleared or answered alarm, and of a label that means one.
  package var alarm: String?

  package init(gateway: String, machine: String, time: UnixTime, kind: Kind, alarm: String? = nil) {
    (self.gateway, self.machine, self.time, self.kind, self.alarm) = (gateway, machine, time, kind, alarm)
  }

  /// `nil` for what tells of none.
  init?(_ event: PlaneReader.Event) {
    guard let time = event.time else { return nil }
    struct Document: Decodable { let data: Data }
    struct Data: Decodable {
      let alarm, label, state: String?
    }
    let data = (try? JSON.decode(Document.self, from: event.bytes))?.data
    let kind: Kind
    switch event.type {
    case "org.thrum.alarm.raised.v1": kind = .raised
    case "org.thrum.alarm.cleared.v1": kind = .cleared
    case "org.thrum.alarm.acknowledged.v1", "org.thrum.alarm.shelved.v1", "org.thrum.alarm.unshelved.v1":
      kind = .answered(data?.state ?? "")
    case "org.thrum.maintenance.noted.v1": kind = .maintained
    case "org.thrum.label.given.v1": kind = .labelled(data?.label ?? "")
    default: return nil
    }
    let machine = String(event.subject.prefix { $0 != "/" })
    self.init(gateway: "\(event.fleet)/\(event.gateway)", machine: machine, time: time, kind: kind, alarm: data?.alarm)
  }

  fileprivate func isRepair(of alarm: IncidentEvent) -> Bool { kind == .maintained && follows(alarm) }

  /// Something was wrong, and this does not answer an alarm by its name.
  fileprivate var tellsOfHarm: Bool { kind == .maintained || (kind == .labelled("bad") && alarm == nil) }

  fileprivate func follows(_ alarm: IncidentEvent) -> Bool {
    let days = time.seconds(since: alarm.time) / 86_400
    return gateway == alarm.gateway && machine == alarm.machine && (0...IncidentCount.repairDays).contains(days)
  }
}

extension PlaneReader {
  /// Over all gateways, or one.
  package func incidents(of gateway: String? = nil) throws(PlaneError) -> IncidentCount {
    IncidentCount(try events(Selection(gateway: gateway)).compactMap(IncidentEvent.init))
  }
}
