import Payloads
import Signal
import Testing

@testable import Configuration

@Suite("Configuration file")
struct ConfigFileTests {
  @Test("an empty file gives the defaults")
  func defaults() throws {
    let config = try parse("")
    #expect(config.gateway.fleet == "demo")
    #expect(config.broker.url.description == "mqtt://127.0.0.1:1883")
    #expect(config.plane == nil)
    #expect(config.ingest.maxPayloadBytes == 1_048_576)
    #expect(config.store.maxBytes == 536_870_912)
    #expect(config.sources.isEmpty && config.machines.isEmpty)
  }

  @Test("the example of the contract is understood")
  func contract() throws {
    let config = try parse(Example.contract)
    let source = try #require(config.sources.first)
    #expect(source.topic == "plant/{machine}/{point}/vib")
    #expect(source.payloadFormat == .init(kind: "f32le", unit: .gravity, sampleRateHz: 12000))
    #expect(source.expectedIntervalSeconds == 1)
    #expect(config.plane?.budgetBytesPerDay == 5_000_000)
    #expect(config.plane?.connection.url.description == "mqtts://plane.example:8883")
    let machine = try #require(config.machines.first)
    #expect(machine.severity == "iso20816-3/group2/rigid")
    #expect(machine.points.first?.bearing == .catalogue("6313"))
    #expect(machine.points.first?.direction == .radial)
  }

  @Test("all problems are told at once, each with file, key, expectation and what was there")
  func everyProblem() {
    let text = """
      colour = "red"
      [ingest]
      batch_frames = 0
      max_points = "many"
      [store]
      on_ful = "hold"
      [[source]]
      topic = "a/{machine}/b"
      qos = 2
      payload = "f33le"
      """
    #expect(
      problems(text) == [
        "t.toml: ingest.batch_frames: expected 1 to 4096, got 0",
        "t.toml: ingest.max_points: expected 1 to 4096, got \"many\"",
        "t.toml: store.on_ful: unknown key; did you mean on_full?",
        "t.toml: source[1].qos: expected 0 to 1 (with QoS 2 the broker is answered before the frame is safe on disk), got 2",
        "t.toml: source[1].payload: expected f32le, f64le, i16le, i24le, i32le, f32be, f64be, i16be, i24be, i32be, json, cbor, senml, senml-cbor, got \"f33le\"",
        "t.toml: source[1].point: expected a name here, or a level {point} in topic",
        "t.toml: colour: unknown key",
      ])
  }

  @Test("what is no TOML is told with line and column, beside the problems of the other files")
  func syntax() {
    let error = #expect(throws: ConfigError.self) {
      try ConfigFile.parse([("a.toml", "[gateway]\nfleet = \n"), ("b.toml", "[ingest]\nmax_points = 0")])
    }
    let first = error?.problems.first
    #expect(first?.file == "a.toml")
    #expect(first?.key.hasPrefix("line 2, column ") == true)
    #expect(error?.problems.last?.description == "b.toml: ingest.max_points: expected 1 to 4096, got 0")
  }

  @Test("conf.d is read after thrum.toml in lexical order: later keys win, sources add up, other files do not count")
  func confFolder() throws {
    let folder = try TemporaryConfig([
      "thrum.toml": "[gateway]\nfleet = \"a\"\nname = \"gw-1\"\n" + Example.source("one"),
      "conf.d/20-late.toml": "[gateway]\nfleet = \"c\"\n",
      "conf.d/10-early.toml": "[gateway]\nfleet = \"b\"\n" + Example.source("two"),
      "conf.d/30-not.toml.bak": "nonsense",
      "conf.d/.40-hidden.toml": "nonsense",
    ])
    let config = try ConfigFile.read(folder.path + "/thrum.toml")
    #expect(config.gateway.fleet == "c")
    #expect(config.gateway.name == "gw-1")
    #expect(config.sources.map(\.topic) == ["one/{machine}/{point}", "two/{machine}/{point}"])
  }

  @Test("a problem in conf.d names that file, and counts tables within it")
  func confFolderProblem() throws {
    let folder = try TemporaryConfig([
      "thrum.toml": Example.source("one"), "conf.d/a.toml": Example.source("two") + "scale = 0\n",
    ])
    let error = #expect(throws: ConfigError.self) { try ConfigFile.read(folder.path + "/thrum.toml") }
    #expect(error?.description == folder.path + "/conf.d/a.toml: source[1].scale: expected any number but 0")
  }

  @Test("a right value in the wrong form: what to do about its quotes is said; what follows from it is not said too")
  func quotes() {
    func said(_ text: String) -> String { problems(text).joined(separator: "\n") }
    #expect(said("[[machine]]\nname = 'm'\nspeed_rpm = '1485'\n").hasSuffix("got \"1485\"; a number, without quotes"))
    #expect(said("[store]\npreallocate = 'true'\n").hasSuffix("write it without quotes"))
    #expect(said("[[machine]]\nname = 7\n").contains("got 7; a text, in quotes"))
    let rate = problems(Example.source("t").replacing("sample_rate_hz = 1000", with: "sample_rate_hz = '1000'"))
    #expect(rate.count == 1 && rate[0].hasSuffix("a number, without quotes"), "\(rate)")
    let unit = problems(Example.source("t").replacing("unit = \"g\"", with: "unit = \"furlong\""))
    #expect(unit.count == 1 && unit[0].contains("furlong"), "\(unit)")
    #expect(
      problems(Example.source("t").replacing("unit = \"g\"", with: "")).contains { $0.contains("needed") },
      "where nothing is given")
  }

  @Test("values are told as what they are: numbers, booleans, texts, arrays; tables by their keys")
  func values() throws {
    let text =
      "[store]\nmax_bytes = 67_108_864\npreallocate = true\n[page]\nnames = ['a.b', 'c']\n[broker]\nusername = 'a\\\"b'\n"
    let entries = try ConfigFile.entries(of: [("f", text)])
    func value(_ path: String) -> ConfigValue? { entries.first { $0.path == path }?.value }
    #expect(value("store.max_bytes") == .integer(67_108_864) && value("store.preallocate") == .boolean(true))
    #expect(value("page.names") == .array([.text("a.b"), .text("c")]) && value("broker.username") == .text("a\\\"b"))
    #expect(value("store.max_age_days") == .integer(90), "a default")
    #expect(value("broker.protocol") == .text("auto"))
  }

  @Test("a file that is not there, too large or no text is a problem and no crash")
  func unreadable() throws {
    let folder = try TemporaryConfig(["large.toml": String(repeating: "#\n", count: 600_000)])
    try folder.write("latin1.toml", bytes: [0x23, 0xE4, 0x0A])
    #expect(readingProblems(folder.path + "/none.toml").contains("there is no such file; write one"))
    #expect(readingProblems(folder.path + "/large.toml").contains("expected at most 1048576 bytes"))
    #expect(readingProblems(folder.path + "/latin1.toml").contains("expected text in UTF-8"))
    #expect(readingProblems(folder.path).contains("cannot be read: Is a directory"))
  }

  @Test("topics, machines and points may not be named twice")
  func repetitions() {
    let machine = "[[machine]]\nname = \"m\"\n[[machine.point]]\nname = \"p\"\n[[machine.point]]\nname = \"p\"\n"
    #expect(
      problems(Example.source("a") + Example.source("a") + machine + "[[machine]]\nname = \"m\"\n") == [
        "t.toml: source: the topic a/{machine}/{point} is listed twice",
        "t.toml: machine: the name m is given twice",
        "t.toml: machine: m has two points of the name p",
      ])
  }

  private func readingProblems(_ path: String) -> String {
    do { return "\(try ConfigFile.read(path))" } catch { return error.description }
  }
}

func parse(_ text: String) throws(ConfigError) -> ThrumConfig { try ConfigFile.parse([("t.toml", text)]) }

func problems(_ text: String) -> [String] {
  do { _ = try parse(text) } catch { return error.problems.map(\.description) }
  return []
}
