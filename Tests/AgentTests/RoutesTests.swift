import Configuration
import Signal
import Testing

@testable import Agent

/// Which source a topic belongs to, and which point it names.
@Suite struct RoutesTests {
  private func routes(_ sources: String...) throws -> Routes {
    let text = sources.map { "[[source]]\n\($0)\npayload = 'f32le'\nunit = 'g'\nsample_rate_hz = 1000\n" }.joined()
    return try Routes(ConfigFile.parse([("thrum.toml", text)]).sources)
  }

  @Test(
    "a topic's named levels are its machine and point",
    arguments: [
      ("topic = 'plant/{machine}/{point}/vib'", "plant/pump-7/drive-end/vib", "pump-7/drive-end"),
      ("topic = '{point}/{machine}'", "de/pump", "pump/de"),
      ("topic = '+/{machine}/x/{point}'", "anything/pump/x/de", "pump/de"),
      ("topic = 'a/{machine}/#'\npoint = 'de'", "a/pump/b/c", "pump/de"),
      ("topic = 'a/{machine}/#'\npoint = 'de'", "a/pump", "pump/de"),
      ("topic = 'one/sensor'\nmachine = 'pump'\npoint = 'de'", "one/sensor", "pump/de"),
      ("topic = 'werk/{machine}/{point}'", "werk/Lüfter 3/vorn", "Lüfter 3/vorn"),
    ])
  func named(source: String, topic: String, point: String) throws {
    let match = try #require(try routes(source).match(topic))
    #expect(match.points?.map(\.description) == [point])
  }

  @Test(
    "a topic with more, fewer or other levels is not the source's",
    arguments: ["plant/pump/de", "plant/pump/de/vib/x", "Plant/pump/de/vib", "plant/pump/de/vibx", "/plant/pump/de/vib", ""])
  func unmatched(topic: String) throws {
    #expect(try routes("topic = 'plant/{machine}/{point}/vib'").match(topic) == nil)
  }

  @Test(
    "a name that is empty, too long or holds control characters makes no point",
    arguments: ["", String(repeating: "x", count: 64), "a\u{1B}[2J", "a\u{7F}", "a\u{9B}2J", String(repeating: "ü", count: 32)])
  func unusable(name: String) throws {
    let match = try #require(try routes("topic = 'plant/{machine}/{point}/vib'").match("plant/\(name)/de/vib"))
    #expect(match.points == nil)
  }

  @Test("where several sources match the first one reads the message")
  func first() throws {
    let routes = try routes("topic = 'a/{machine}/{point}'", "topic = '#'\nmachine = 'rest'\npoint = 'all'")
    #expect(routes.match("a/pump/de")?.source == 0)
    #expect(routes.match("b/pump/de")?.source == 1)
  }

  @Test("each source is one subscription, named levels as +")
  func subscriptions() throws {
    let routes = try routes("topic = 'plant/{machine}/{point}/vib'\nqos = 0", "topic = 'x/{machine}/#'\npoint = 'de'")
    #expect(routes.subscriptions.map(\.topic) == ["plant/+/+/vib", "x/+/#"])
    #expect(routes.subscriptions.map(\.qos) == [0, 1])
  }

  @Test(
    "channels name the points, behind the topic's point where it has one",
    arguments: [
      ("topic = 'a/{machine}'\nchannels = ['x', '', 'y']", "a/pump", ["pump/x", "pump/y"]),
      ("topic = 'a/{machine}/{point}'\nchannels = ['x', 'y']", "a/pump/de", ["pump/de-x", "pump/de-y"]),
    ])
  func channels(source: String, topic: String, points: [String]) throws {
    #expect(try routes(source).match(topic)?.points?.map(\.description) == points)
  }

  @Test("a channel whose whole name is too long makes the message one without usable names")
  func longChannel() throws {
    let routes = try routes("topic = 'a/{machine}/{point}'\nchannels = ['x', 'drive-end']")
    let match = try #require(routes.match("a/pump/" + String(repeating: "p", count: 60)))
    #expect(match.points == nil)
  }

  @Test("a stored point belongs to the only source that can make it")
  func making() throws {
    let two = try routes(
      "topic = 'a/{machine}/{point}'\nchannels = ['x', 'y']", "topic = 'b/speed'\nmachine = 'pump'\npoint = 'shaft'")
    func topic(_ point: String, _ routes: Routes, machine: String = "pump") -> String? {
      routes.only(making: PointID(machine: machine, point: point))?.source.topic
    }
    #expect(topic("de-x", two) == "a/{machine}/{point}" && topic("shaft", two) == "b/speed")
    #expect(topic("de-z", two) == nil && topic("shaft", two, machine: "fan") == nil)
    let overlapping = try routes("topic = 'a/{machine}/{point}'", "topic = 'b/{machine}/{point}'")
    #expect(topic("de", overlapping) == nil)
  }
}
