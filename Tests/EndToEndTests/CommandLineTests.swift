import Contracts
import Foundation
import Signal
import Store
import TestSupport
import Testing

@testable import Anomaly

/// `thrum` as people and programs meet it.
@Suite struct CommandLineTests {
  private static let reading = [["status"], ["points"], ["alarms"], ["alarms", "--all"], ["events"]]

  private func gateway() throws -> GatewayProcess {
    try GatewayProcess(Plant.configuration(broker: "mqtt://127.0.0.1:\(try freePort())"))
  }

  // MARK: JSON

  @Test("thrum status --json has every key of the contract, and unknown figures are null")
  func statusShape() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), Plant.frame(1))
    #expect(gateway.eventually { $0.received == 1 } != nil)
    let status = try #require(try gateway.thrum("status", "--json").objects().first)
    #expect(status["gateway"] as? String == "gw-1" && status["fleet"] as? String == "test")
    #expect(status["state"] as? String == "healthy" && status["reasons"] as? [String] == [])
    #expect(status["version"] is String && status["uptime_s"] is Int)
    expectKeys(status["store"], "bytes", "max_bytes", "unsent_events", "oldest_unsent_at")
    expectKeys(status["unassigned"], "received", "quarantined", "duplicate", "dropped")
    expectKeys(status["broker"], "connected")
    expectKeys(status["uplink"], "connected", "lanes", "bytes_today", "budget_bytes_per_day")
    let point = try #require((status["points"] as? [[String: Any]])?.first)
    expectKeys(
      point, "machine", "point", "verdict", "reason", "iso_zone", "probability", "model", "stage", "baseline", "operating_state",
      "last_frame_at", "ledger")
    expectKeys(point["baseline"], "state", "progress")
    expectKeys(point["ledger"], "received", "analysed", "pending", "quarantined", "duplicate", "dropped", "missing")
    #expect(point["iso_zone"] is NSNull && point["model"] is NSNull)
    let time = try #require(point["last_frame_at"] as? String)
    #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(time)")
  }

  private func expectKeys(_ object: Any?, _ keys: String..., at location: SourceLocation = #_sourceLocation) {
    let present = Set(((object as? [String: Any]) ?? [:]).keys)
    #expect(Set(keys).subtracting(present).isEmpty, "of \(present.sorted())", sourceLocation: location)
  }

  @Test("every listing of an empty store is JSON, and a sentence without it")
  func empty() throws {
    let gateway = try gateway()
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    #expect(try gateway.thrum("alarms", "--json").text == "{\"alarms\":[]}\n")
    #expect(try gateway.thrum("points", "--json").text == "{\"points\":[]}\n")
    #expect(try gateway.thrum("events", "--json").text.isEmpty)
    for verb in Self.reading {
      let printed = try gateway.run("thrum", verb)
      #expect(printed.status == 0 && !printed.text.isEmpty, "\(verb)")
    }
  }

  @Test("status of a gateway without a plane says that none is configured, and every line fits 80 columns")
  func noPlane() throws {
    let gateway = try gateway()
    try gateway.start()
    #expect(gateway.eventually { $0.state == "degraded" && $0.uplink.reason == "none is configured" } != nil)
    let printed = try gateway.thrum("status")
    #expect(printed.text.contains("plane   none is configured"))
    #expect(printed.text.components(separatedBy: "connection refused").count <= 2, "a reason is given once")
    #expect(printed.lines.allSatisfy { $0.count <= 80 }, "\(printed.text)")
  }

  // MARK: exit codes

  @Test(
    "wrong usage ends with 2",
    arguments: [["--nonsense"], ["nonsense"], ["events", "--lane", "x"], ["events", "--last", "0"], ["explain"]])
  func wrongUsage(arguments: [String]) throws {
    let printed = try gateway().run("thrum", arguments)
    #expect(printed.status == 2 && !printed.text.isEmpty)
  }

  @Test("without a store reading ends with 1 and names the folder and what to do", arguments: reading + [["explain", "x#1"]])
  func noStore(arguments: [String]) throws {
    let gateway = try gateway()
    let printed = try gateway.run("thrum", arguments)
    #expect(printed.status == 1)
    #expect(printed.text.contains(gateway.stateFolder) && printed.text.contains(";"), "\(printed.text)")
  }

  @Test("an alarm that is not there is no alarm, and the listing is pointed to")
  func unknownAlarm() throws {
    let gateway = try gateway()
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    let printed = try gateway.thrum("explain", "pump#7")
    #expect(printed.status != 0 && printed.text.contains("thrum alarms"))
  }

  @Test(
    "what cannot be written is no success: a full disk at the other end ends with 1 and a sentence; a reader who has enough is no error"
  )
  func fullOutput() throws {
    let gateway = try gateway()
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    let onFullDisk = ["sh", "-c", "exec \"$0\" \"$@\" >/dev/full"]
    for verb in Self.reading.filter({ $0 != ["events"] }) + [["--help"], ["bearings"], ["watch", "--times", "5"]] {
      let printed = try gateway.run("thrum", verb, wrapper: onFullDisk)
      #expect(printed.status == 1 && printed.text.contains("No space left on device"), "\(verb): \(printed.text)")
      #expect(printed.lines.count == 1, "said once: \(printed.text)")
    }
    let file = try gateway.thrum("bundle", "-o", "/dev/full")
    #expect(file.status == 1 && file.text.contains("/dev/full"), "\(file.text)")
    let enough = ["bash", "-c", "set -o pipefail; trap '' PIPE; \"$0\" \"$@\" | true"]
    #expect(try gateway.run("thrum", ["bearings"], wrapper: enough).text.isEmpty)
  }

  @Test(
    "a file that did not fit on the disk is no file, and no success",
    .enabled(if: SmallDisk.isAvailable, "needs root for a small disk"))
  func fullDisk() throws {
    let disk = try SmallDisk(megabytes: 2)
    defer { withExtendedLifetime(disk) {} }
    disk.fill(leaving: 1 << 14)
    let gateway = try gateway()
    let file = disk.path + "/outer.f32"
    let printed = try gateway.thrum("simulate", "--fault", "outer", "--seconds", "2", "-o", file)
    #expect(printed.status == 1 && printed.text.contains("outer.f32: No space left on device"), "\(printed.text)")
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test("help and version end with 0, and each command's help shows examples")
  func help() throws {
    let gateway = try gateway()
    for verb in [
      [], ["status"], ["points"], ["alarms"], ["events"], ["explain"], ["doctor"], ["features"], ["decode"], ["simulate"],
      ["config", "check"],
    ] {
      let printed = try gateway.run("thrum", verb + ["--help"])
      #expect(printed.status == 0 && printed.text.contains("EXAMPLES"), "\(verb)")
    }
    #expect(try gateway.thrum("--version").text.hasPrefix("thrum 0."))
    #expect(try gateway.run("thrumd", ["--help"]).status == 0)
  }

  // MARK: the terminal

  @Test("control characters from topics, reasons and alarms never reach the terminal")
  func controlCharacters() throws {
    let gateway = try gateway()
    let nasty = "a\u{1B}]0;owned\u{7}\u{9B}2J\r\nb"
    let store = try Store.open(
      folder: gateway.stateFolder,
      settings: StoreSettings(
        origin: .init(fleet: "test", gateway: "gw-1"), version: "0", startedAt: .init(nanoseconds: 0), binding: [1]))
    try store.commit(Self.change(naming: nasty))
    for verb in Self.reading + [["explain", nasty + "#1"], ["doctor"]] {
      let printed = try gateway.run("thrum", verb)
      #expect(printed.text.contains("owned"), "\(verb): \(printed.text)")
      let bad = printed.text.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\n" }
      #expect(bad.isEmpty, "\(verb): \(bad.map(\.value))")
    }
    for verb in Self.reading where verb != ["events"] {
      let rows = try gateway.run("thrum", verb + ["--json"]).objects()
      #expect(rows.count == 1, "\(verb): JSON carries the name as it is, escaped")
    }
  }

  /// One point, its alarm, an event of it and a state with a reason, all of that name.
  private static func change(naming name: String) throws -> Change {
    let point = PointID(machine: name, point: name)
    var outcome = PointOutcome(point: point, state: PointState())
    outcome.ledger.received = 1
    outcome.ledger.quarantined = [.malformed: 1]
    let explanation = Explanation(
      words: name, decidedBy: [name], zone: .d, velocityRmsMmS: 1, probability: nil, score: nil, uncalibrated: false,
      contributions: [], lines: [], spectrum: nil)
    outcome.alarms = [
      Alarm(
        id: name + "#1", machine: name, state: .unacknowledged, priority: .alarm, members: [point],
        raisedAt: .init(nanoseconds: 0), changedAt: .init(nanoseconds: 0), explanation: explanation)
    ]
    outcome.occurrences = [
      Occurrence(arrival: 0, time: .init(nanoseconds: 0), subject: name, kind: .sensorFault(SensorReport(reason: name)))
    ]
    var change = Change()
    change.points = [outcome]
    change.daemon = DaemonState(
      condition: .degraded, reasons: [name], broker: .init(connected: false, reason: name),
      uplink: .init(connected: false, reason: name))
    return change
  }

  @Test("nothing is coloured where NO_COLOR stands or no terminal is; on one it is")
  func colour() throws {
    let gateway = try gateway()
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    func onTerminal(_ prefix: String) throws -> String {
      let command = "\(prefix) \(GatewayProcess.program("thrum")) status --state-dir \(gateway.stateFolder)"
      return try Printed(["script", "-qec", command, "/dev/null"], in: gateway.folder).text
    }
    #expect(try onTerminal("env -u NO_COLOR").contains("\u{1B}["))
    #expect(try !onTerminal("env NO_COLOR=1").contains("\u{1B}["))
    #expect(try !gateway.thrum("status").text.contains("\u{1B}["))
  }

  @Test("config show tells what counts and whence, and redacts who and where; a bundle holds neither")
  func shownConfiguration() throws {
    let gateway = try GatewayProcess(
      "[broker]\nurl = \"mqtts://plant-broker.example\"\nusername = \"maier\"\npassword_file = \"secret\"\n")
    try gateway.folder.write("geheimnis\n", to: "secret")
    let shown = try gateway.thrum("config", "show", "--effective")
    #expect(shown.text.contains("username = \"maier\"") && shown.text.contains("max_age_days = 90  # default"), "\(shown.text)")
    let values = try #require(
      try JSONSerialization.jsonObject(with: Data(try gateway.thrum("config", "show", "--effective", "--json").text.utf8))
        as? [[String: Any]])
    func value(_ key: String) -> Any? { values.first { $0["key"] as? String == key }?["value"] }
    #expect(value("store.max_age_days") as? Int == 90 && value("broker.allow_plain") as? Bool == false)
    #expect(value("broker.username") as? String == "maier")
    let redacted = try gateway.thrum("config", "show", "--effective", "--redact").text
    for secret in ["maier", "plant-broker", "secret"] { #expect(!redacted.contains("\"\(secret)"), "\(redacted)") }
    let file = gateway.folder.path("bundle.tar")
    #expect(try gateway.thrum("bundle", "-o", file).status == 0)
    let listing = try Printed(["tar", "-xvOf", file], in: gateway.folder)
    #expect(listing.status == 0 && listing.text.contains("thrum-bundle/doctor.txt") && listing.text.contains("broker.answer"))
    for secret in ["maier", "plant-broker", "geheimnis"] { #expect(!listing.text.contains(secret), "\(secret)") }
    let missing = try gateway.thrum("config", "show", "--config", "/nonexistent")
    #expect(missing.status == 2 && missing.text.contains("/nonexistent"), "as config check")
  }
}
