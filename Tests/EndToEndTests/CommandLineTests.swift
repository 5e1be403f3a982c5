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

  // MARK: whoever runs or not

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

  @Test("config show tells what counts and whence, and redacts who and where; a bundle holds neither")
  func shownConfiguration() throws {
    let gateway = try GatewayProcess(
      "[broker]\nurl = \"mqtts://plant-broker.example\"\nusername = \"maier\"\npassword_file = \"secret\"\n")
    try gateway.folder.write("geheimnis\n", to: "secret")
    let shown = try gateway.thrum("config", "show", "--effective")
    #expect(shown.text.contains("username = \"maier\"") && shown.text.contains("max_age_days = 90  # default"), "\(shown.text)")
    let redacted = try gateway.thrum("config", "show", "--effective", "--redact").text
    for secret in ["maier", "plant-broker", "secret"] { #expect(!redacted.contains("\"\(secret)"), "\(redacted)") }
    let file = gateway.folder.path("bundle.tar")
    #expect(try gateway.thrum("bundle", "-o", file).status == 0)
    let listing = try Printed(["tar", "-xvOf", file], in: gateway.folder)
    #expect(listing.status == 0 && listing.text.contains("thrum-bundle/doctor.txt") && listing.text.contains("broker.answer"))
    for secret in ["maier", "plant-broker", "geheimnis"] { #expect(!listing.text.contains(secret), "\(secret)") }
  }

  @Test("export writes a point's history and an alarm's spectrum as comma-separated values")
  func exported() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url, machines: ["pump"]))
    try gateway.startConnected()
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...100).map { Plant.frame($0, velocityRMS: 10) })
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 100 } != nil)
    let history = try gateway.thrum("export", "pump/de").lines
    #expect(history.first == "time,velocity_rms_mm_s,rms,kurtosis,probability,verdict,reason" && history.count > 1)
    #expect(history.dropFirst().allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 7 })
    #expect(try gateway.thrum("export", "pump/none").status == 1)
  }

  @Test("a waveform that came with an alarm is exported as WAV, universal file and table, with the same samples in all")
  func exportedWaveform() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url, machines: ["pump"]))
    try gateway.startConnected()
    #expect(try gateway.thrum("export", "pump/de", "--list").status == 1)
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...100).map { Plant.frame($0, velocityRMS: 10) })
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 100 } != nil)
    let kept = try #require(try gateway.thrum("export", "pump/de", "--list", "--json").objects().first)
    let id = try #require(kept["id"] as? String)
    #expect(try gateway.thrum("export", "pump#1", "--list").text.contains(id))
    var spectra: [String] = []
    for (name, arguments) in [
      ("a.wav", ["--unit", "m/s2", "--window", "256"]), ("a.uff58", ["--unit", "m/s2", "--window", "256"]),
      ("a.csv", ["--unit", "m/s2", "--window", "256", "--channel", "2"]),
    ] {
      let file = gateway.folder.path(name)
      let written = try gateway.run("thrum", ["export", "pump#1", "--waveform", "-o", file])
      #expect(written.status == 0 && written.text.contains("samples of pump/de in m/s2"), "\(written.text)")
      let rate = name == "a.csv" ? ["--rate", "\(Int(Plant.rateHz))"] : []
      spectra.append(try gateway.run("thrum", ["features", file, "--json"] + arguments + rate).text)
    }
    #expect(spectra[0].count > 100 && Set(spectra).count == 1, "\(spectra)")
    #expect(try gateway.thrum("export", "pump/de", "--format", "wav").status == 2)
    #expect(try gateway.thrum("export", "pump/de", "--format", "mp3").status == 2)
    #expect(try gateway.thrum("export", "pump/de", "--id", "gw-1:none", "-o", gateway.folder.path("b.wav")).status == 1)
  }

  @Test("each program makes completions for three shells")
  func completions() throws {
    let gateway = try gateway()
    for program in ["thrum", "thrumd", "thrum-plane"] {
      for shell in ["bash", "zsh", "fish"] {
        let printed = try gateway.run(program, ["--generate-completion-script", shell])
        #expect(printed.status == 0 && printed.text.contains(program), "\(program) \(shell)")
      }
    }
  }

  @Test("bash is offered the points that the store has, and files where a file is wanted")
  func completed() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), Plant.frame(1))
    #expect(gateway.eventually { $0.received == 1 } != nil)
    func offered(_ words: String) throws -> String {
      let script = """
        cd "$(dirname "$THRUM_CONFIG")"; PATH=$(dirname "$0"):$PATH; source <("$0" --generate-completion-script bash)
        COMP_WORDS=(thrum \(words) ""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
        _thrum thrum "" "${COMP_WORDS[COMP_CWORD - 1]}"; printf '%s\\n' "${COMPREPLY[@]}"
        """
      return try gateway.run("thrum", [], wrapper: ["bash", "-c", script]).text
    }
    #expect(try offered("show").contains("pump/de"))
    #expect(try offered("config check --config").contains("thrum.toml"))
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
