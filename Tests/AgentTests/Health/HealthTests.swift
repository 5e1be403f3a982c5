import Store
import TestSupport
import Testing

@testable import Agent
@testable import MQTT

/// How the daemon is, from what its parts report.
@Suite struct HealthTests {
  private let health = Health(uplink: .init(connected: false), notifier: SystemdNotifier { _ in nil })

  private func connect() { health.broker(ConnectionState(isConnected: true, reason: nil)) }

  @Test("starting, degraded until the broker is there, then healthy")
  func start() {
    #expect(health.takeChange()?.condition == .starting)
    health.started()
    #expect(health.takeChange()?.condition == .degraded)
    connect()
    let state = health.takeChange()
    #expect(state?.condition == .healthy && state?.reasons == [] && state?.broker.connected == true)
  }

  @Test("troubles add up in a fixed order, and each ends by itself")
  func troubles() {
    health.started()
    connect()
    health.broker(ConnectionState(isConnected: false, reason: "gone"))
    health.trouble(.store, "disk full")
    #expect(health.takeChange()?.reasons == ["disk full", "broker: gone"])
    health.fine(.store)
    #expect(health.takeChange()?.reasons == ["broker: gone"])
    connect()
    #expect(health.takeChange()?.condition == .healthy)
  }

  @Test("a plane out of reach is no trouble")
  func plane() {
    health.started()
    connect()
    health.uplink(Uplink.Condition(isConnected: false, reason: "no route"))
    let state = health.takeChange()
    #expect(state?.condition == .healthy)
    #expect(state?.uplink?.reason == "no route")
  }

  @Test("what changed is handed over once, what did not change never")
  func once() {
    #expect(health.takeChange() != nil)
    #expect(health.takeChange() == nil)
    health.fine(.store)
    #expect(health.takeChange() == nil)
  }

  @Test("a loop that has not come round is stuck, unless it may rest where it is")
  func turning() {
    #expect(health.isTurning(withinSeconds: 0))
    health.turned(mayBlock: false)
    #expect(health.isTurning(withinSeconds: 60))
    #expect(eventually { !health.isTurning(withinSeconds: 0) })
    health.turned(mayBlock: true)
    #expect(health.isTurning(withinSeconds: 0))
  }

  @Test("systemd is told each state once, in one line")
  func notified() throws {
    let socket = try NotifySocket()
    let health = Health(uplink: nil, notifier: SystemdNotifier { $0 == "NOTIFY_SOCKET" ? socket.path : nil })
    health.started()
    health.broker(ConnectionState(isConnected: true, reason: nil))
    health.trouble(.store, "no\nroom")
    health.trouble(.store, "no\nroom")
    #expect(
      socket.messages == ["STATUS=degraded; broker: not connected yet", "STATUS=healthy", "STATUS=degraded; no room"])
  }
}
