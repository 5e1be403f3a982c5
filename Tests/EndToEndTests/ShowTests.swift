import Foundation
import TestSupport
import Testing

/// `thrum show POINT`: pictures of its samples, of a daemon that runs and of one that does not.
@Suite struct ShowTests {
  private static let point = """

    [[machine]]
    name = "pump"
    severity = "iso20816-3/group2/rigid"
    speed_rpm = 1500
      [[machine.point]]
      name = "de"
      bearing = { bpfo = 3.58, bpfi = 5.42, bsf = 2.36, ftf = 0.398 }
    """

  /// A gateway in whose store the pump's alarm stands, its waveform beside it.
  private func alarmed(_ lines: String = "") throws -> (Broker, GatewayProcess) {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url) + Self.point + lines)
    try gateway.startConnected()
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...100).map { Plant.frame($0, velocityRMS: 10) })
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 100 } != nil)
    return (broker, gateway)
  }

  private func object(_ gateway: GatewayProcess, _ arguments: String...) throws -> [String: Any] {
    let printed = try gateway.run("thrum", ["show", "pump/de", "--json"] + arguments)
    return try #require(printed.objects().first, "\(printed.text)")
  }

  @Test("the spectrum of the newest samples has the keys of thrum spectrum, and the machine's line stands where it is")
  func spectrum() throws {
    let (_, gateway) = try alarmed()
    let power = try object(gateway, "--spectrum", "--kind", "power")
    let file = gateway.folder.path("pump.wav")
    #expect(try gateway.thrum("export", "pump/de", "--waveform", "-o", file).status == 0)
    let recorded = try #require(
      try gateway.thrum("spectrum", file, "--unit", "m/s2", "--rpm", "1500", "--json").objects().first)
    #expect(Set(power.keys) == Set(recorded.keys).union(["point", "source", "cause", "time"]))
    #expect(power["point"] as? String == "pump/de" && power["source"] as? String == "newest" && power["cause"] is NSNull)
    #expect(power["unit"] as? String == "m/s2" && power["detection"] as? String == "rms")
    let (amplitude, frequency) = (power["amplitude"] as? [Double] ?? [], power["frequency_hz"] as? [Double] ?? [])
    let top = try #require(amplitude.indices.max { amplitude[$0] < amplitude[$1] })
    #expect(abs(frequency[top] - 159.155) < 2 && amplitude[top] > 5)
    let names = (power["lines"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
    #expect(names.contains("1x") && names.contains("2x"), "\(names)")
    #expect(try object(gateway, "--spectrum")["quantity"] as? String == "velocity", "what severity is judged by")
  }

  @Test("people see the spectrum with its lines within 80 columns, as table, as page and as comma-separated values")
  func pictures() throws {
    let (_, gateway) = try alarmed()
    for (picture, words) in [
      ("--waveform", ["crest factor"]), ("--spectrum", ["LINE", "OVER FLOOR", "1x"]),
      ("--envelope", ["Envelope spectrum", "BPFO", "FTF"]),
    ] {
      let printed = try gateway.thrum("show", "pump/de", picture)
      #expect(printed.status == 0 && printed.lines.allSatisfy { $0.count <= 80 }, "\(printed.text)")
      for word in words + ["the newest samples"] { #expect(printed.text.contains(word), "\(word): \(printed.text)") }
    }
    let page = gateway.folder.path("pump.html")
    #expect(try gateway.thrum("show", "pump/de", "--envelope", "--html", page).status == 0)
    #expect(try contents(ofFile: page).contains("Envelope spectrum of pump/de"))
    #expect(try gateway.thrum("show", "pump/de", "--waveform", "--csv").lines.first == "seconds,value_m/s2")
    #expect(try gateway.thrum("show", "pump/de", "--spectrum", "--csv").lines.first == "frequency_hz,amplitude")
  }

  @Test("of the waveform as many seconds are shown as were asked for")
  func seconds() throws {
    let (_, gateway) = try alarmed()
    let all = try object(gateway, "--waveform")
    let part = try object(gateway, "--waveform", "--seconds", "0.1")
    #expect(part["sample_rate_hz"] as? Double == Plant.rateHz && part["speed_rpm"] as? Double == 1500)
    let samples = try #require(part["samples"] as? [Double])
    #expect(samples.count == 256 && Array((all["samples"] as? [Double] ?? []).suffix(256)) == samples)
  }

  @Test("with the daemon dead the waveform that was kept is drawn, with its time, its cause and since when thrumd is stopped")
  func dead() throws {
    let (_, gateway) = try alarmed()
    gateway.kill()
    for picture in ["--waveform", "--spectrum", "--envelope"] {
      let printed = try gateway.thrum("show", "pump/de", picture)
      #expect(printed.status == 0 && printed.text.contains("stopped since 20"), "\(printed.text)")
      #expect(printed.text.contains("kept for:") && printed.lines.allSatisfy { $0.count <= 80 }, "\(printed.text)")
    }
    let kept = try object(gateway, "--spectrum")
    #expect(kept["source"] as? String == "kept" && kept["time"] is String && kept["cause"] is String)
    #expect((kept["speed"] as? [String: Any])?["rpm"] as? Double == 1500, "as it is declared")
  }

  @Test("a daemon that has no samples of the point yet gives way to what is kept, and says why")
  func afterRestart() throws {
    let (_, gateway) = try alarmed()
    gateway.kill()
    try gateway.start()
    #expect(gateway.logs("Thrum is running", times: 2))
    let printed = try gateway.thrum("show", "pump/de", "--waveform")
    #expect(
      printed.status == 0 && printed.text.contains("kept for:") && printed.text.contains("Not newer, because"), "\(printed.text)")
  }

  @Test("what was sealed asks for its key, and opens with it")
  func sealed() throws {
    let key = String(repeating: "ab", count: 32)
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url) + Self.point)
    let file = gateway.folder.path("evidence.key")
    try gateway.folder.write(key, to: "evidence.key")
    chmod(file, 0o600)
    try gateway.configure(Plant.configuration(broker: broker.url) + Self.point + "\n[evidence]\nkey_file = \"\(file)\"\n")
    try gateway.startConnected()
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...100).map { Plant.frame($0, velocityRMS: 10) })
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 100 } != nil)
    gateway.kill()
    #expect(try object(gateway, "--waveform")["source"] as? String == "kept", "the configuration names the key")
    try gateway.configure(Plant.configuration(broker: broker.url) + Self.point)
    let refused = try gateway.thrum("show", "pump/de", "--waveform")
    #expect(refused.status == 1 && refused.text.contains("--key-file"), "\(refused.text)")
    #expect(try object(gateway, "--waveform", "--key-file", file)["samples"] is [Double])
  }

  @Test("where nothing is to be had it says so, and what to do")
  func nothing() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), Plant.frame(1))
    #expect(gateway.eventually { $0.received == 1 } != nil)
    let short = try gateway.thrum("show", "pump/de", "--envelope")
    #expect(short.status == 1 && short.text.contains("needs 1 s without a gap"), "\(short.text)")
    let unnamed = try gateway.thrum("show", "pump/de", "--spectrum")
    #expect(unnamed.text.contains("No line is named") && unnamed.text.contains("speed_rpm"), "\(unnamed.text)")
    gateway.kill()
    let printed = try gateway.thrum("show", "pump/de", "--waveform")
    #expect(
      printed.status == 1 && printed.text.contains("no waveform of it is kept") && printed.text.contains("--trend"),
      "\(printed.text)")
    #expect(try gateway.thrum("show", "pump/none", "--waveform").status == 1)
  }

  @Test(
    "what does not fit together is wrong usage",
    arguments: [
      ["--waveform", "--spectrum"], ["--kind", "power"], ["--spectrum", "--kind", "envelope"],
      ["--waveform", "--html", "x.html"],
      ["--trend", "--csv"], ["--waveform", "--seconds", "0"], ["--spectrum", "--seconds", "1"],
    ])
  func wrongUsage(arguments: [String]) throws {
    let gateway = try GatewayProcess("")
    #expect(try gateway.run("thrum", ["show", "pump/de"] + arguments).status == 2)
  }
}
