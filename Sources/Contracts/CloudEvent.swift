import Anomaly
import Signal

/// The attributes of an event as the cloud reads it (CloudEvents 1.0, JSON format); its `data` stands beside them.
package struct CloudEvent: Sendable, Codable, Equatable {
  package var specversion = "1.0"
  /// `<gateway>:<epoch>:<lane>:<sequence>`, as it was numbered first: it stays when a new epoch numbers it again.
  package var id: String
  /// `/<fleet>/<gateway>`.
  package var source: String
  /// `org.thrum.alarm.raised.v1`.
  package var type: String
  /// `machine/point` or `machine`; left out for the gateway itself.
  package var subject: String?
  package var time: UnixTime
  package var datacontenttype = "application/json"
  /// How the clock stood that gave the time, where it was in doubt; then also the boot, and milliseconds since it.
  package var clock: ClockQuality?
  package var bootid: String?
  package var uptimems: Int64?

  package init(_ occurrence: Occurrence, from origin: EventOrigin, epoch: Epoch, sequence: UInt64) {
    id = "\(origin.gateway):\(epoch):\(occurrence.lane.rawValue):\(sequence)"
    source = "/\(origin.fleet)/\(origin.gateway)"
    type = occurrence.type
    subject = occurrence.subject.isEmpty ? nil : occurrence.subject
    time = occurrence.time
  }

  /// Measurements, in a lane of their own.
  package init(
    _ lane: Lane, type: String, subject: String, at time: UnixTime, from origin: EventOrigin, epoch: Epoch, sequence: UInt64
  ) {
    id = "\(origin.gateway):\(epoch):\(lane.rawValue):\(sequence)"
    source = "/\(origin.fleet)/\(origin.gateway)"
    (self.type, self.time) = (type, time)
    self.subject = subject.isEmpty ? nil : subject
  }

  /// What the store tells of itself, in the lane of events.
  package init(type: String, at time: UnixTime, from origin: EventOrigin, epoch: Epoch, sequence: UInt64) {
    id = "\(origin.gateway):\(epoch):\(Lane.event.rawValue):\(sequence)"
    source = "/\(origin.fleet)/\(origin.gateway)"
    (self.type, self.time) = (type, time)
  }

  /// With what is known of the clock, where that is not trusted.
  package mutating func note(_ stamp: ClockStamp?) {
    guard let stamp, stamp.isInDoubt else { return }
    (clock, bootid, uptimems) = (stamp.quality, stamp.boot, stamp.uptime / 1_000_000)
  }

  package func encoded(with data: some Encodable) -> [UInt8] { document(data) }

  /// The event's bytes: stored, chained and sent as they are. One line.
  package func encoded(with data: Occurrence.Kind) -> [UInt8] {
    switch data {
    case .alarmRaised(let report), .alarmEscalated(let report), .alarmCleared(let report), .alarmWithheld(let report):
      document(report)
    case .alarmAcknowledged(let answer), .alarmShelved(let answer), .alarmUnshelved(let answer): document(answer)
    case .outOfService(let answer), .inService(let answer): document(answer)
    case .labelled(let report): document(report)
    case .maintained(let report): document(report)
    case .learning(let report): document(report)
    case .baselineReady(let report): document(report)
    case .driftNoticed(let report): document(report)
    case .sensorFault(let report), .sensorRecovered(let report): document(report)
    case .sessionLost(let report): document(report)
    case .modelMoved(let report): document(report)
    }
  }

  private func document(_ data: some Encodable) -> [UInt8] { JSON.encode(Document(attributes: self, data: data)) }

  private struct Document<Payload: Encodable>: Encodable {
    let attributes: CloudEvent
    let data: Payload
    enum Keys: String, CodingKey { case data }

    func encode(to encoder: any Encoder) throws {
      try attributes.encode(to: encoder)
      var container = encoder.container(keyedBy: Keys.self)
      try container.encode(data, forKey: .data)
    }
  }
}

/// Who tells: names of PROTOCOL "Topics".
package struct EventOrigin: Sendable, Equatable {
  package var fleet: String
  package var gateway: String

  package init(fleet: String, gateway: String) {
    self.fleet = fleet
    self.gateway = gateway
  }
}

extension Occurrence {
  /// Alarms have a lane of their own, so that nothing stands before them; what people do to them stands among them, in order.
  package var lane: Lane {
    switch kind {
    case .alarmRaised, .alarmEscalated, .alarmCleared, .alarmAcknowledged, .alarmShelved, .alarmUnshelved, .outOfService,
      .inService:
      .alarm
    case .alarmWithheld, .labelled, .maintained, .learning: .event
    case .baselineReady, .driftNoticed, .sensorFault, .sensorRecovered, .sessionLost, .modelMoved: .event
    }
  }

  /// The CloudEvents type.
  package var type: String {
    switch kind {
    case .alarmRaised: "org.thrum.alarm.raised.v1"
    case .alarmEscalated: "org.thrum.alarm.escalated.v1"
    case .alarmCleared: "org.thrum.alarm.cleared.v1"
    case .alarmWithheld: "org.thrum.alarm.withheld.v1"
    case .alarmAcknowledged: "org.thrum.alarm.acknowledged.v1"
    case .alarmShelved: "org.thrum.alarm.shelved.v1"
    case .alarmUnshelved: "org.thrum.alarm.unshelved.v1"
    case .outOfService: "org.thrum.point.out_of_service.v1"
    case .inService: "org.thrum.point.in_service.v1"
    case .labelled: "org.thrum.label.given.v1"
    case .maintained: "org.thrum.maintenance.noted.v1"
    case .learning: "org.thrum.learning.changed.v1"
    case .baselineReady: "org.thrum.baseline.ready.v1"
    case .driftNoticed: "org.thrum.drift.noticed.v1"
    case .sensorFault: "org.thrum.sensor.fault.v1"
    case .sensorRecovered: "org.thrum.sensor.recovered.v1"
    case .sessionLost: "org.thrum.session.lost.v1"
    case .modelMoved(let report): "org.thrum.model.\(report.stage).v1"
    }
  }
}
