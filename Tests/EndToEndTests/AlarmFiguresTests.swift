import Anomaly
import Contracts
import Foundation
import Signal
import Store
import TestSupport
import Testing

/// What `thrum doctor` says of the alarms, from a store that a daemon left.
@Suite struct AlarmFiguresTests {
  private let gateway: GatewayProcess

  init() throws { gateway = try GatewayProcess(Plant.configuration(broker: "mqtt://127.0.0.1:\(try freePort())")) }

  private struct Report: Decodable { let findings: [Finding] }
  private struct Finding: Decodable { let group, state, words: String }

  private func findings() throws -> [Finding] {
    try gateway.thrum("doctor", "--json").decoded(Report.self).findings.filter { $0.group == "alarms" }
  }

  private func ago(hours: Double) -> UnixTime { UnixTime(seconds: Date().timeIntervalSince1970 - hours * 3600) }

  /// - Parameter raised: for each machine, how many hours ago its alarm was raised.
  private func store(_ raised: [String: [Double]]) throws {
    let store = try Store.open(
      folder: gateway.stateFolder,
      settings: StoreSettings(
        origin: .init(fleet: "test", gateway: "gw-1"), version: "0", startedAt: ago(hours: 0), binding: [1]))
    var change = Change()
    for (machine, hours) in raised {
      let first = ago(hours: hours.max() ?? 0)
      let alarm = Alarm(
        id: machine + "#1", machine: machine, state: .unacknowledged, priority: .alarm,
        members: [PointID(machine: machine, point: "de")], raisedAt: first, changedAt: first, explanation: .standing(PointState())
      )
      change.people.alarms.append(alarm)
      change.occurrences += hours.map { hour in
        Occurrence(arrival: 0, time: ago(hours: hour), subject: machine, kind: .alarmRaised(AlarmReport(alarm)))
      }
    }
    try store.commit(change)
  }

  @Test("a quiet week is fine")
  func quiet() throws {
    try store([:])
    let words = try findings().map(\.words)
    #expect(words == ["none in the last 7 days", "none chatters", "none has stood for more than a day"])
  }

  @Test("alarms a day, by machine; what chatters and what has stood for more than a day is named; older ones are not counted")
  func figures() throws {
    try store(["pump": [1, 1.2, 1.5], "fan": [30], "old": [200, 200.1, 200.2]])
    let found = try findings()
    let words = found.map(\.words)
    #expect(words.first == "0.6 a day over 7 days, most from pump: 0.4 a day", "\(words)")
    #expect(words.contains("pump chatters: raised 3 times within an hour"))
    #expect(words.contains { $0.hasPrefix("fan#1 has stood for 30 h") }, "\(words)")
    #expect(words.contains { $0.hasPrefix("old#1 has stood for 8 d") }, "\(words)")
    #expect(!words.contains { $0.hasPrefix("old chatters") || $0.hasPrefix("pump#1") })
    #expect(found.filter { $0.state == "warning" }.count == 3)
  }

  @Test("more than one in ten minutes is more than a person can answer")
  func flood() throws {
    try store(["pump": (0..<1100).map { Double($0) / 7 }])
    let rate = try #require(try findings().first)
    #expect(rate.state == "warning" && rate.words.hasPrefix("157.1 a day"), "\(rate.words)")
  }
}
