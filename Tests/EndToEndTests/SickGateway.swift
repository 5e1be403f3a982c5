import Foundation
import TestSupport

/// A healthy gateway with a system of its own around it (clock marks, mosquitto.conf, memory, a systemd that says what it is told), to
/// be broken and shown to the doctor.
final class SickGateway {
  let broker: Broker
  let gateway: GatewayProcess
  /// Stands for the system's `/`.
  let system: TemporaryFolder
  var others: [ChildProcess] = []
  private var sequence = 0

  init() throws {
    let system = try TemporaryFolder()
    broker = try Broker()
    let path = system.path("bin") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    gateway = try GatewayProcess(Self.configuration(broker.url), environment: ["PATH": path])
    self.system = system
    try makeSystem()
    try gateway.startConnected()
    try tellUnit()
    try publish(60)
    guard gateway.eventually({ $0.point("pump")?.baseline.state == "ready" }) != nil else {
      throw TestSupportError("nothing is learned:\n\(gateway.log)")
    }
  }

  /// With as many windows to learn from as it is sent: two fifths are enough to calibrate by.
  static func configuration(_ broker: String, _ lines: [String] = [], machines: [String] = ["pump"]) -> String {
    Plant.configuration(broker: broker, lines, machines: machines).replacing(
      "baseline_windows = 0", with: "baseline_windows = 60")
      + "\n[local]\noperator_group = \"daemon\"\nadmin_group = \"bin\"\n"
  }

  private func makeSystem() throws {
    try write("", to: "run/systemd/timesync/synchronized")
    try tellMosquitto("max_queued_messages 100000\npersistence true")
    try write("MemTotal: 4000000 kB\nMemAvailable: 2000000 kB\n", to: "proc/meminfo")
    try write("0.10 0.20 0.30 1/100 999\n", to: "proc/loadavg")
    try write("cpu 1 2 3\nbtime 1600000000\n", to: "proc/stat")
    try script("systemctl", "cat '\(system.path("unit"))'")
    try script("journalctl", "exit 0")
  }

  func write(_ text: String, to path: String) throws {
    let folder = URL(fileURLWithPath: system.path(path)).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try text.write(toFile: system.path(path), atomically: true, encoding: .utf8)
  }

  private func script(_ name: String, _ body: String) throws {
    try write("#!/bin/sh\n\(body)\n", to: "bin/\(name)")
    chmod(system.path("bin/\(name)"), 0o755)
  }

  func tellMosquitto(_ lines: String) throws {
    try write("listener \(broker.port)\n\(lines)\n", to: "etc/mosquitto/mosquitto.conf")
  }

  /// What systemd says of thrumd.
  func tellUnit(_ differing: [String: String] = [:]) throws {
    let properties = [
      "LoadState": "loaded", "ActiveState": "active", "SubState": "running", "Result": "success", "ExecMainStatus": "0",
      "NRestarts": "0", "MainPID": "\(gateway.processID ?? 0)", "UnitFileState": "enabled", "WatchdogUSec": "1min",
    ].merging(differing) { $1 }
    try write(properties.map { "\($0)=\($1)\n" }.sorted().joined(), to: "unit")
  }

  /// The next frames of the pump's drive end, and waits until they are counted.
  func publish(_ count: Int, velocityRMS: Double = 1) throws {
    let numbers = sequence + 1...sequence + count
    sequence += count
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), numbers.map { Plant.frame($0, velocityRMS: velocityRMS) })
    guard gateway.eventually({ ($0.point("pump")?.ledger.received ?? 0) >= count && $0.balances }) != nil else {
      throw TestSupportError("frames do not arrive:\n\(gateway.log)")
    }
  }

  /// Written into the configuration, not started.
  func openPage(_ address: String, names: [String] = ["gw-1.test"]) throws {
    try makeCertificate("page", in: gateway.folder)
    try gateway.configure(
      Self.configuration(broker.url) + "\n[page]\nenabled = true\nlisten = \"\(address)\"\nnames = \(names)\n"
        + "cert_file = \"page.pem\"\nkey_file = \"page.key\"\n")
  }

  func skip(_ count: Int) { sequence += count }

  /// Another configuration, and what came before is forgotten where wanted.
  func restart(_ configuration: String, forgetting: Bool = false) throws {
    _ = gateway.stop()
    if forgetting { try? FileManager.default.removeItem(atPath: gateway.stateFolder) }
    try gateway.configure(configuration)
    try gateway.start()
    _ = gateway.logs("Thrum is running", times: 2)
    try tellUnit()
  }

  struct Finding: Decodable {
    let check, group, state, words: String
    let remedy: String?
  }
  private struct Report: Decodable { let findings: [Finding] }

  func examined() throws -> [Finding] {
    try gateway.thrum("doctor", "--root", system.path, "--unit", "thrumd.service", "--json").decoded(Report.self).findings
  }
}
