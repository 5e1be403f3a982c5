import Contracts
import Foundation
import MQTT
import TestSupport
import Testing

@testable import ControlPlane

/// What `thrum-plane acl` writes, held against a real mosquitto.
@Suite struct AccessRulesTests {
  let folder: TemporaryFolder
  let broker: Broker

  init() throws {
    folder = try TemporaryFolder()
    for (index, name) in ["gw-1", "gw-2", "plane"].enumerated() {
      try run(["mosquitto_passwd", "-b"] + (index == 0 ? ["-c"] : []) + [folder.path("passwords"), name, name])
    }
    let gateways = try ["gw-1", "gw-2"].map { try #require(PlaneTopics(fleet: "demo", gateway: $0)) }
    try folder.write(AccessRules(gateways: gateways, plane: "plane").text, to: "rules")
    broker = try Broker([
      "allow_anonymous false", "password_file \(folder.path("passwords"))", "acl_file \(folder.path("rules"))",
    ])
  }

  func session(_ name: String, _ topics: [String]) throws -> MQTTSession {
    MQTTSession(
      try MQTTEndpoint(url: broker.url, username: name, password: name),
      .init(clientID: "\(name)-\(topics.count)", kind: .plane, subscriptions: topics.map { .init($0) }))
  }

  /// Topics that arrive at the listener of those that the speaker publishes to, a last one being allowed for sure.
  func heard(by listener: MQTTSession, from speaker: MQTTSession, _ topics: [String]) -> [String] {
    var heard: [String] = []
    _ = eventually { listener.read(waitSeconds: 0.1).notices.isEmpty == false }
    _ = eventually { speaker.read(waitSeconds: 0.1).notices.isEmpty == false }
    for topic in topics { try? speaker.publish(topic: topic, payload: Array("x".utf8)) }
    _ = eventually {
      _ = speaker.read(waitSeconds: 0.05)
      heard += listener.read(waitSeconds: 0.05).messages.map(\.topic)
      return heard.last == topics.last
    }
    return heard
  }

  @Test("a gateway cannot publish as another, nor as the plane")
  func speaking() throws {
    let plane = try session("plane", [PlaneTopics.everyUp])
    let gateway = try session("gw-1", [])
    let own = "thrum/v1/demo/gw-1/up/alarm"
    let heard = heard(
      by: plane, from: gateway,
      [
        "thrum/v1/demo/gw-2/up/alarm", "thrum/v1/demo/gw-2/up/status", "thrum/v1/other/gw-1/up/alarm",
        "thrum/v1/demo/gw-1/down/ack", PlaneTopics.planeStatus, own,
      ])
    #expect(heard == [own])
  }

  @Test("a gateway hears what is meant for it and nothing else; another's acknowledgements do not reach it")
  func hearing() throws {
    let spy = try session("gw-2", ["thrum/v1/demo/gw-1/down/#", "thrum/v1/+/+/up/#", "thrum/v1/demo/gw-2/down/#"])
    let plane = try session("plane", [])
    let own = "thrum/v1/demo/gw-2/down/ack"
    let heard = heard(by: spy, from: plane, ["thrum/v1/demo/gw-1/down/ack", "thrum/v1/demo/gw-1/down/welcome", own])
    #expect(heard == [own])
  }

  @Test("two gateways of one name are told, for the broker could not tell them apart")
  func ambiguous() throws {
    let names = [("a", "gw"), ("b", "gw"), ("a", "plane"), ("a", "gw-2")]
    let gateways = try names.map { try #require(PlaneTopics(fleet: $0.0, gateway: $0.1)) }
    #expect(AccessRules(gateways: gateways, plane: "plane").ambiguous == ["gw", "plane"])
  }
}
