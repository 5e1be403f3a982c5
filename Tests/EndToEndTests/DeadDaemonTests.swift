import Foundation
import TestSupport
import Testing

/// Reading verbs, whoever runs or not.
@Suite struct DeadDaemonTests {
  private static let reading = [["status"], ["points"], ["alarms"], ["alarms", "--all"], ["events"]]

  private func gateway() throws -> GatewayProcess {
    try GatewayProcess(Plant.configuration(broker: "mqtt://127.0.0.1:\(try freePort())"))
  }

  @Test("every reading verb works while thrumd runs, after it was killed, and for a user who may only read")
  func withoutDaemon() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url, machines: ["pump"]))
    try gateway.startConnected()
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...100).map { Plant.frame($0, velocityRMS: 10) })
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 100 } != nil)
    let verbs = Self.reading + [["explain", "pump#1"]]
    func printed(by wrapper: [String] = []) throws -> [String] {
      try verbs.map { verb in
        let printed = try gateway.run("thrum", verb + ["--json"], wrapper: wrapper)
        #expect(printed.status == 0, "\(wrapper) \(verb): \(printed.text)")
        return printed.text
      }
    }
    let running = try printed()
    gateway.kill()
    let killed = try printed()
    #expect(gateway.status()?.state == "stopped")
    #expect(Array(killed.dropFirst()) == Array(running.dropFirst()), "all but the state is as it was")
    guard getuid() == 0 else { return }
    try makeReadable(gateway)
    #expect(try printed(by: Self.ordinaryUser).dropFirst() == killed.dropFirst())
    try gateway.start()
    #expect(gateway.logs("Thrum is running", times: 2))
    #expect(try printed(by: Self.ordinaryUser).dropFirst() == killed.dropFirst())
    #expect(try gateway.run("thrum", ["doctor"], wrapper: Self.ordinaryUser).text.contains("thrumd 0."))
  }

  @Test("without a daemon every reading verb says since when, for people")
  func stoppedSince() throws {
    let gateway = try gateway()
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    gateway.kill()
    for verb in Self.reading + [["review"], ["audit"], ["audit", "verify"], ["doctor"], ["models"], ["check"]] {
      let printed = try gateway.run("thrum", verb)
      #expect(printed.text.contains("stopped since 20"), "\(verb): \(printed.text)")
    }
  }

  private static let ordinaryUser = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

  /// As the Debian package leaves it for everybody: to be read, not written.
  private func makeReadable(_ gateway: GatewayProcess) throws {
    for path in [gateway.folder.path, gateway.stateFolder] { chmod(path, 0o755) }
    for name in try FileManager.default.contentsOfDirectory(atPath: gateway.stateFolder) {
      chmod("\(gateway.stateFolder)/\(name)", 0o644)
    }
  }
}
