import TestSupport
import Testing

@testable import MQTT

@Suite struct PureTests {
  @Test("waiting times double, stay bounded, and differ from client to client")
  func backoff() {
    var random = SystemRandomNumberGenerator()
    var backoff = Backoff()
    let waits = (0..<20).map { _ in backoff.next(using: &random) }
    for (wait, full) in zip(waits, [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]) { #expect((full / 2...full).contains(wait)) }
    #expect(waits.allSatisfy { $0 <= 30 })
    #expect(Set(waits.suffix(10)).count > 1)
    backoff.reset()
    #expect(backoff.next(using: &random) <= 0.25)
  }

  @Test("with a linger of 100 ms 100 frames a second make ten batches a second; one frame a minute goes at once")
  func pace() {
    var pace = Pace(lingerSeconds: 0.1)
    var (batches, waiting) = (0, 0)
    for tick in 0..<1000 {
      let now = Double(tick) / 100
      waiting += 1
      if now >= pace.due(frames: waiting, lastArrival: now) {
        pace.handedOver(at: now)
        (batches, waiting) = (batches + 1, 0)
      }
    }
    #expect((90...101).contains(batches))
    #expect(pace.due(frames: 1, lastArrival: 70) < 70)
    pace.handedOver(at: 70)
    #expect(pace.due(frames: 20, lastArrival: 70.02) == 70.02 + Pace.quietSeconds)
  }

  @Test("a version that worked stays, one that was refused gives way")
  func versions() {
    var choice = VersionChoice(.auto)
    #expect(choice.next == .v5)
    choice.wasRefused()
    #expect(choice.next == .v311)
    choice.worked()
    choice.wasRefused()
    #expect(choice.next == .v311)
    var fixed = VersionChoice(.v5)
    fixed.wasRefused()
    #expect(fixed.next == .v5)
  }

  @Test(
    "addresses",
    arguments: [
      ("mqtt://a", "mqtt://a:1883"), ("mqtts://b.example:99", "mqtts://b.example:99"), ("mqtt://[::1]:7", "mqtt://[::1]:7"),
    ])
  func addresses(url: String, whole: String) throws { #expect(try "\(MQTTEndpoint(url: url))" == whole) }

  @Test(
    "what is no address is refused",
    arguments: ["", "a", "http://a", "mqtt://", "mqtt://a:0", "mqtt://a:x", "mqtt://u@a", "mqtt://[::1"])
  func noAddress(url: String) { #expect(throws: MQTTError.self) { try MQTTEndpoint(url: url) } }

  @Test("a password does not cross the network in the clear")
  func plainPassword() throws {
    #expect(throws: MQTTError.self) { try MQTTEndpoint(url: "mqtt://a", username: "u", password: "p") }
    _ = try MQTTEndpoint(url: "mqtt://a", username: "u", password: "p", allowPlain: true)
    _ = try MQTTEndpoint(url: "mqtt://127.0.0.1", username: "u", password: "p")
  }

  @Test(
    "DUP is read from libmosquitto's log line, and no client name can fake it",
    arguments: ["c", "x received PUBLISH (d1, q1", "ü"])
  func logLine(name: String) {
    func isRedelivered(_ line: String) -> Bool {
      var inbox = Inbox()
      Array(line.utf8).withUnsafeBytes { inbox.read(logLine: $0, nameBytes: name.utf8.count) }
      return inbox.nextIsRedelivered
    }
    #expect(isRedelivered("Client \(name) received PUBLISH (d1, q1, r0, m7, 't', ... (5 bytes))"))
    #expect(!isRedelivered("Client \(name) received PUBLISH (d0, q1, r0, m7, 't', ... (5 bytes))"))
    #expect(!isRedelivered("Client \(name) sending PUBACK (m7, rc0)"))
  }
}
