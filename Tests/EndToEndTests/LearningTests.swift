import TestSupport
import Testing

/// What is learned on the gateway, from a point's own healthy windows.
@Suite struct LearningTests {
  let broker: Broker
  let gateway: GatewayProcess
  let publisher: TestPublisher

  init() throws {
    broker = try Broker()
    gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url).replacing("baseline_windows = 0", with: "baseline_windows = 120"))
    publisher = try TestPublisher(port: broker.port)
    try gateway.startConnected()
  }

  /// A machine without severity class: only what was learned can speak.
  private func publish(_ sequences: ClosedRange<Int>, velocityRMS: Double = 1) throws {
    try publisher.publish(Plant.topic("fan"), sequences.map { Plant.frame($0, velocityRMS: velocityRMS) })
  }

  @Test("a baseline grows over a SIGKILL, becomes a model that is told of, stays quiet on its like and alarms on what is not")
  func learned() throws {
    try publish(1...60)
    #expect(gateway.eventually { $0.received == 60 } != nil)
    #expect(gateway.status()?.point("fan")?.baseline.state == "learning")
    gateway.kill()
    let before = try #require(gateway.status()?.point("fan")?.baseline.progress)
    #expect(before > 0.3)
    try gateway.start()
    try publish(61...180)
    let ready = try #require(gateway.eventually { $0.point("fan")?.baseline.state == "ready" })
    #expect(ready.point("fan")?.model != nil)
    #expect(try gateway.thrum("events", "--json").text.contains("org.thrum.baseline.ready.v1"))
    try publish(181...400)
    let quiet = try #require(gateway.eventually { $0.received == 400 })
    #expect(quiet.point("fan")?.verdict == "normal")
    #expect(try gateway.thrum("alarms", "--all").text.contains("never"))
    gateway.kill()
    try gateway.start()
    try publish(401...480, velocityRMS: 3)
    #expect(gateway.eventually { ["warning", "alarm"].contains($0.point("fan")?.verdict) } != nil)
    let why = try gateway.thrum("explain", "fan#1")
    #expect(why.text.contains("decided by model"), "\(why.text)")
    #expect(gateway.status()?.balances == true)
  }

  @Test("SIGTERM while a model is being learned: thrumd ends with 0, and learns it after the next start")
  func stoppedLearning() throws {
    try publish(1...130)
    #expect(gateway.eventually { $0.received == 130 } != nil)
    #expect(gateway.stop() == 0)
    try gateway.startConnected()
    try publish(131...140)
    #expect(gateway.eventually { $0.point("fan")?.baseline.state == "ready" } != nil)
  }

  @Test("told to forget, a point forgets its model for good and learns anew; told to stop, it collects nothing")
  func relearned() throws {
    try publish(1...140)
    let first = try #require(gateway.eventually { $0.point("fan")?.baseline.state == "ready" && $0.received == 140 })
    #expect(try gateway.thrum("learn", "fan/de", "start").text.contains("has learned already"))
    #expect(try gateway.thrum("learn", "fan/de", "reset").status == 0)
    gateway.kill()
    #expect(gateway.status()?.point("fan")?.model == nil)
    try gateway.startConnected()
    #expect(try gateway.thrum("learn", "fan/de", "stop").status == 0)
    try publish(141...200)
    let stopped = try #require(gateway.eventually { $0.received == 200 })
    #expect(stopped.point("fan")?.baseline.progress == 0)
    #expect(try gateway.thrum("learn", "fan/de", "start").status == 0)
    try publish(201...340)
    let second = try #require(gateway.eventually { $0.point("fan")?.baseline.state == "ready" })
    #expect(first.point("fan")?.model != nil && second.point("fan")?.model != nil)
    #expect(second.balances)
  }
}
