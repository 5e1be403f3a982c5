import Foundation
import SQLite
import TestSupport
import Testing

/// One way in which a gateway breaks, and what the doctor must say then.
struct Breakage: Sendable, CustomTestStringConvertible {
  let name: String
  /// The check that finds it, words of its cause, words of its remedy.
  let check, cause, remedy: String
  let apply: @Sendable (SickGateway) throws -> Void

  var testDescription: String { name }

  init(
    _ name: String, _ check: String, _ cause: String, _ remedy: String, _ apply: @escaping @Sendable (SickGateway) throws -> Void
  ) {
    (self.name, self.check, self.cause, self.remedy, self.apply) = (name, check, cause, remedy, apply)
  }

  static let all = configuration + machine + links + frames + daemons

  private static let configuration = [
    Breakage("a key that nobody knows", "configuration.valid", "store.max_byte", "mend the file") {
      try $0.gateway.configure(SickGateway.configuration($0.broker.url) + "\n[store]\nmax_byte = 5\n")
    },
    Breakage(
      "a changed file that thrumd has not read", "configuration.running", "differs from what thrumd runs", "systemctl reload"
    ) {
      try $0.gateway.configure(SickGateway.configuration($0.broker.url) + "\n[store]\nmax_age_days = 30\n")
    },
    Breakage("a reload that was refused", "configuration.reload", "store.max_byte", "systemctl reload") {
      try $0.gateway.configure(SickGateway.configuration($0.broker.url) + "\n[store]\nmax_byte = 5\n")
      $0.gateway.reload()
      _ = $0.gateway.logs("is not taken")
    },
    Breakage("no source", "configuration.sources", "no [[source]]", "add a [[source]]") {
      try $0.gateway.configure("[broker]\nurl = \"\($0.broker.url)\"\n")
    },
    Breakage("a group that is not there", "permissions.groups", "no-such-group", "systemd-sysusers") {
      try $0.gateway.configure(
        SickGateway.configuration($0.broker.url).replacing("\"daemon\"", with: "\"no-such-group\""))
    },
    Breakage("no baseline wanted", "baselines.wanted", "baseline_windows = 0", "set baseline_windows") {
      try $0.gateway.configure(Plant.configuration(broker: $0.broker.url))
    },
    Breakage("models without a signature are let in", "models.signed", "whoever is admin", "allow_unsigned = false") {
      try $0.gateway.configure(SickGateway.configuration($0.broker.url) + "\n[models]\nallow_unsigned = true\n")
    },
    Breakage("learning stopped", "baselines.stopped", "learning is stopped by", "thrum learn pump/de start") {
      _ = try $0.gateway.thrum("learn", "pump/de", "stop")
    },
    Breakage("a declared point that nobody heard of", "topics.points", "fan/nde", "compare the names") {
      try $0.gateway.configure(
        SickGateway.configuration($0.broker.url) + "\n[[machine]]\nname = \"fan\"\n[[machine.point]]\nname = \"nde\"\n")
    },
  ]

  private static let machine = [
    Breakage("a clock without a time server", "clock.synchronised", "not known to be synchronised", "NTP") {
      try FileManager.default.removeItem(atPath: $0.system.path("run/systemd/timesync/synchronized"))
    },
    Breakage("a clock that was set back", "clock.backwards", "set back", "real-time clock") {
      _ = $0.gateway.stop()
      let future = Int(Date().timeIntervalSince1970) + 2 * 86_400
      try $0.query("UPDATE daemon SET started_at = \(future) * 1000000000")
    },
    Breakage("a disk smaller than the store may grow", "disk.space", "may still grow", "store.max_bytes") {
      try $0.gateway.configure(SickGateway.configuration($0.broker.url) + "\n[store]\nmax_bytes = 1_099_511_627_776\n")
    },
    Breakage("a state folder that the service's user cannot write", "permissions.owner", "runs as nobody", "chown -R nobody: ") {
      try $0.tellUnit(["User": "nobody"])
    },
    Breakage("a state folder open to all", "permissions.state", "everybody may write", "chmod 0750") {
      chmod($0.gateway.stateFolder, 0o777)
    },
    Breakage("a configuration that all may write", "permissions.configuration", "everybody may write", "chmod 0644") {
      chmod($0.gateway.folder.path("thrum.toml"), 0o666)
    },
    Breakage("a password that all may read", "permissions.secrets", "everybody may read", "chmod 0640") {
      try $0.gateway.folder.write("secret\n", to: "password")
      chmod($0.gateway.folder.path("password"), 0o644)
      try $0.gateway.configure(SickGateway.configuration($0.broker.url, ["username = \"a\"", "password_file = \"password\""]))
    },
    Breakage("a key of the page that all may read", "permissions.secrets", "everybody may read", "chmod 0640") {
      try $0.openPage("127.0.0.1:8473")
      chmod($0.gateway.folder.path("page.key"), 0o644)
    },
    Breakage("a page in every network", "page.listener", "the sensors' and the office's too", "technicians' network") {
      try $0.openPage("0.0.0.0:8473")
    },
    Breakage(
      "a page under a name that its certificate has not", "page.certificate", "not for gw-9.test but for", "names in [page]"
    ) {
      try $0.openPage("127.0.0.1:8473", names: ["gw-9.test"])
    },
    Breakage("no memory left", "memory.available", "19 MiB", "ps aux") {
      try $0.write("MemAvailable: 20000 kB\n", to: "proc/meminfo")
    },
    Breakage("a processor that others keep busy", "processor.load", "load 99", "top") {
      try $0.write("1 1 99.0 1/100 999\n", to: "proc/loadavg")
    },
    Breakage("a worn flash disk", "flash.life", "80 to 90 %", "replacement") {
      try $0.write("0x02 0x09\n", to: "sys/block/mmcblk0/device/life_time")
    },
  ]

  private static let links = [
    Breakage("a broker that is not there", "broker.answer", "connection refused", "address and port") { $0.broker.stop() },
    Breakage("a broker that forgets", "broker.persistence", "is lost when it restarts", "persistence true") {
      try $0.tellMosquitto("max_queued_messages 100000")
    },
    Breakage("a broker that bridges too little", "broker.bridge", "1000 messages", "max_queued_messages 100000") {
      try $0.tellMosquitto("persistence true")
    },
    Breakage("a certificate about to end", "certificates.broker", "left", "renew it") {
      let certificates = try TestCertificates()
      let authority = try String(contentsOfFile: certificates.authority, encoding: .utf8)
      try $0.gateway.folder.write(authority, to: "ca.pem")
      try $0.gateway.configure($0.encrypted("ca_file = \"ca.pem\""))
    },
    Breakage("a certificate that is none", "certificates.broker", "no certificate in PEM", "BEGIN CERTIFICATE") {
      try $0.gateway.folder.write("hello\n", to: "ca.pem")
      try $0.gateway.configure($0.encrypted("ca_file = \"ca.pem\""))
    },
    Breakage("a plane out of reach", "plane.link", "not connected", "nothing is lost") {
      let plane = "\n[plane]\nurl = \"mqtt://127.0.0.1:\(try freePort())\"\n"
      try $0.restart(SickGateway.configuration($0.broker.url) + plane)
    },
    Breakage("a topic that is not the sensors'", "topics.sources", "published are plant/pump/de/vib", "so that it matches") {
      let topic = SickGateway.configuration($0.broker.url).replacing("plant/{machine}", with: "factory/{machine}")
      try $0.restart(topic, forgetting: true)
      try run(["mosquitto_pub", "-p", "\($0.broker.port)", "-r", "-t", "plant/pump/de/vib", "-m", "x"])
    },
  ]

  private static let frames = [
    Breakage("a unit that is not the declared one", "units.declared", "wrong_unit", "correct unit") {
      try $0.restart($0.json)
      try $0.publishJSON(unit: "g", rate: 2560)
    },
    Breakage("a rate that is not the declared one", "rate.declared", "wrong_rate", "correct sample_rate_hz") {
      try $0.restart($0.json)
      try $0.publishJSON(unit: "m/s2", rate: 5000)
    },
    Breakage("a sensor that is stuck", "sensors.signal", "stuck", "cable") { sick in
      let frames = (100...140).map { Plant.block($0, [Float](repeating: 0.5, count: Plant.samples)) }
      try TestPublisher(port: sick.broker.port).publish(Plant.topic("pump"), frames)
    },
    Breakage("a sensor that is silent", "points.silent", "silent since", "power") {
      let often = SickGateway.configuration($0.broker.url).replacing(
        "overlap = 0", with: "overlap = 0\nexpected_interval_s = 0.2")
      try $0.restart(often)
      try $0.publish(20)
    },
    Breakage("frames lost on the way", "rate.loss", "19 frames were lost", "link") {
      $0.skip(19)
      try $0.publish(10)
    },
    Breakage("a model that is refused", "models.readable", "the model is refused", "thrum learn pump/de reset") {
      _ = $0.gateway.stop()
      try $0.query("INSERT OR REPLACE INTO model (point, version, bytes) VALUES (1, 'x', x'00')")
    },
  ]

  private static let daemons = [
    Breakage("two daemons under one name", "daemon.alone", "second thrumd", "gateway.name") { sick in
      let environment = ["THRUM_CONFIG": sick.gateway.folder.path("thrum.toml"), "THRUM_STATE_DIR": sick.system.path("state")]
      sick.others.append(try ChildProcess([GatewayProcess.program("thrumd")], environment: environment))
    },
    Breakage("a daemon that was killed", "daemon.state", "signal 9 (SIGKILL)", "systemctl start") {
      $0.gateway.kill()
      try $0.tellUnit(["ActiveState": "failed", "Result": "signal", "ExecMainStatus": "9", "MainPID": "0"])
    },
    Breakage("a daemon that falls again and again", "systemd.restarts", "7 times", "journalctl") {
      try $0.tellUnit(["NRestarts": "7"])
    },
    Breakage("a daemon beside systemd's", "systemd.unit", "two daemons", "end process") {
      try $0.tellUnit(["MainPID": "1"])
    },
    Breakage("a power cut", "daemon.state", "power cut", "start") {
      $0.gateway.kill()
      try $0.write("btime \(Int(Date().timeIntervalSince1970) + 5)\n", to: "proc/stat")
    },
    Breakage("a store of a newer version", "daemon.state", "schema 99", "newer") {
      _ = $0.gateway.stop()
      try $0.query("PRAGMA user_version = 99")
    },
  ]
}

extension SickGateway {
  fileprivate func query(_ sql: String) throws { try Database(path: gateway.database, mode: .readWriteCreate).execute(sql) }

  fileprivate func encrypted(_ line: String) -> String {
    Self.configuration(broker.url.replacing("mqtt://", with: "mqtts://"), [line])
  }

  /// Frames that tell their unit and rate themselves.
  fileprivate var json: String {
    Self.configuration(broker.url) + """

      [[source]]
      topic = "json/{machine}/{point}"
      payload = "json"
      unit = "m/s2"
      sample_rate_hz = 2560
      [source.fields]
      unit = "unit"
      rate = "rate"
      """
  }

  fileprivate func publishJSON(unit: String, rate: Int) throws {
    let samples = (0..<256).map { "\(sin(Double($0)))" }.joined(separator: ",")
    let frame = Array("{\"samples\":[\(samples)],\"unit\":\"\(unit)\",\"rate\":\(rate)}".utf8)
    // What is published before the broker has taken the new subscription is nobody's.
    _ = gateway.eventually { $0.broker.connected }
    try TestPublisher(port: broker.port).publish("json/fan/de", frame)
  }
}
