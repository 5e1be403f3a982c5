import Anomaly
import Contracts
import Signal
import Testing

@Suite struct CloudEventTests {
  @Test("an occurrence becomes one line of CloudEvents JSON")
  func form() throws {
    let occurrence = Occurrence(
      arrival: 0, time: UnixTime(nanoseconds: 0), subject: "pump-7/drive-end", kind: .sensorFault(SensorReport(reason: "stuck")))
    let epoch = try #require(Epoch(hex: "000102030405060708090a0b0c0d0e0f"))
    let event = CloudEvent(occurrence, from: EventOrigin(fleet: "demo", gateway: "gw-1"), epoch: epoch, sequence: 7)
    #expect(
      String(decoding: event.encoded(with: occurrence.kind), as: UTF8.self)
        == #"{"data":{"reason":"stuck"},"datacontenttype":"application/json","id":"gw-1:000102030405060708090a0b0c0d0e0f:event:7","#
        + #""source":"/demo/gw-1","specversion":"1.0","subject":"pump-7/drive-end","time":"1970-01-01T00:00:00.000Z","#
        + #""type":"org.thrum.sensor.fault.v1"}"#)
  }

  @Test("its attributes are read back; the gateway's own events have no subject")
  func attributes() throws {
    let occurrence = Occurrence(
      arrival: 0, time: UnixTime(nanoseconds: 1_000_000), subject: "", kind: .sessionLost(SessionReport(broker: "mqtt://b\n")))
    let event = CloudEvent(occurrence, from: EventOrigin(fleet: "f", gateway: "g"), epoch: .random(), sequence: 1)
    let bytes = event.encoded(with: occurrence.kind)
    #expect(!bytes.contains(UInt8(ascii: "\n")))
    #expect(try JSON.decode(CloudEvent.self, from: bytes) == event)
    #expect(event.subject == nil)
  }

  @Test("what people do to alarms stands in the lane of alarms, in order with them; what they say in the other")
  func people() throws {
    let alarm = Alarm(
      id: "m#1", machine: "m", state: .shelved, priority: .alarm, members: [PointID(machine: "m", point: "p")],
      raisedAt: UnixTime(nanoseconds: 0), changedAt: UnixTime(nanoseconds: 0), explanation: .standing(PointState()))
    let answer = AlarmAnswer(alarm, by: "eve", note: "later")
    let kinds: [(Occurrence.Kind, Lane, String, String)] = [
      (.alarmAcknowledged(answer), .alarm, "alarm.acknowledged", #""by":"eve""#),
      (.alarmShelved(answer), .alarm, "alarm.shelved", #""state":"shelved""#),
      (.alarmUnshelved(answer), .alarm, "alarm.unshelved", #""points":["p"]"#),
      (.outOfService(PointAnswer(by: "eve")), .alarm, "point.out_of_service", #"{"by":"eve"}"#),
      (.inService(PointAnswer(by: nil)), .alarm, "point.in_service", #""data":{}"#),
      (.alarmWithheld(AlarmReport(alarm)), .event, "alarm.withheld", #""priority":"alarm""#),
      (
        .labelled(LabelReport(alarm: "m#1", label: "bad", fault: "outer", note: nil, by: "eve")), .event, "label.given",
        #""fault":"outer""#
      ),
      (
        .maintained(MaintenanceReport(note: "greased", resetBaseline: true, by: "eve")), .event, "maintenance.noted",
        #""reset_baseline":true"#
      ),
      (.learning(LearningReport(action: "stop", by: "eve")), .event, "learning.changed", #""action":"stop""#),
    ]
    for (kind, lane, type, text) in kinds {
      let occurrence = Occurrence(arrival: 0, time: UnixTime(nanoseconds: 0), subject: "m", kind: kind)
      #expect(occurrence.lane == lane && occurrence.type == "org.thrum.\(type).v1")
      let event = CloudEvent(occurrence, from: EventOrigin(fleet: "f", gateway: "g"), epoch: .random(), sequence: 1)
      let line = String(decoding: event.encoded(with: kind), as: UTF8.self)
      #expect(line.contains(text), "\(type): \(line)")
    }
  }
}
