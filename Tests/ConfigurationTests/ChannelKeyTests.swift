import Anomaly
import Payloads
import Signal
import Testing

@testable import Configuration

/// `channels` of a source, and how counts become values.
@Suite("Channels and sensitivities")
struct ChannelKeyTests {
  private static let source =
    "[[source]]\ntopic = 'a/{machine}/{point}'\npayload = 'i24le'\nunit = 'g'\nsample_rate_hz = 1000\n"

  private func format(_ lines: String) throws -> PayloadFormat {
    try #require(try parse(Self.source + lines).sources.first).payloadFormat
  }

  private func told(_ lines: String) -> [String] {
    problems(Self.source + lines).map { String($0.trimmingPrefix("t.toml: source[1].")) }
  }

  @Test("channels are names in the message's order; nothing or - is not read; a table has a unit and a scale of its own")
  func channels() throws {
    let format = try format("scale = 0.5\nchannels = ['x', '', '-', { name = 'z', unit = 'mm/s', scale = 2 }]")
    #expect(format.channels.map(\.name) == ["x", "", "", "z"])
    #expect(format.channels.map(\.scale) == [0.5, 0.5, 0.5, 2])
    #expect(format.channels.map(\.unit) == [.gravity, .gravity, .gravity, .millimetrePerSecond])
  }

  @Test("with channels the topic need not name a point")
  func names() {
    let source = "[[source]]\ntopic = 'a/{machine}'\npayload = 'f32le'\nunit = 'g'\nsample_rate_hz = 1\n"
    #expect(problems(source + "channels = ['x', 'y']") == [])
    #expect(problems(source).count == 1)
  }

  @Test(
    "channels that cannot be used are named",
    arguments: [
      ("channels = []", "channels: expected names or tables"), ("channels = 'x'", "channels: expected names or tables"),
      ("channels = ['a/b']", "channels: expected names or tables"),
      ("channels = ['x', 'x']", "channels: expected each name once"),
      ("channels = ['', '-']", "channels: expected at least one"), ("channels = [{ unit = 'g' }]", "channels[1].name: missing"),
      ("channels = [{ name = 'x', colour = 1 }]", "channels[1].colour: unknown key"),
      ("channels = [\(Array(repeating: "''", count: 65).joined(separator: ",")), 'x']", "channels: expected at most 64"),
    ])
  func refused(lines: String, problem: String) {
    let found = told(lines)
    #expect(found.contains { $0.hasPrefix(problem) }, "\(found)")
  }

  @Test("a SenML source names its records by channels, and has neither fields nor a header")
  func senml() throws {
    let source = "[[source]]\ntopic = 'a/{machine}'\npayload = 'senml'\n"
    let channels = "channels = ['x', { name = 'y', unit = 'mm/s', samples = 'urn:dev:7:y.z' }]\n"
    #expect(problems(source + channels) == [])
    #expect(problems(source + channels + "header_bytes = 4").contains { $0.contains("header_bytes: only raw samples") })
    #expect(problems(source + channels + "[source.fields]\nrate = 'fs'").contains { $0.contains("fields: a SenML pack's") })
  }

  @Test("sensitivity and converter together are the scale")
  func sensitivity() throws {
    #expect(try format("sensitivity_mv_per_g = 100\ncounts_per_mv = 838.8608").scale == 1 / (100 * 838.8608))
    // 24 bits for ±10 V and 100 mV/g: ±100 g.
    let full = try format("sensitivity_mv_per_g = 100\nfull_scale_mv = 10_000\nbits = 24").scale
    #expect(abs(full * 8_388_608 - 100) < 1e-9)
    let own = try format(
      "counts_per_mv = 10\nsensitivity_mv_per_g = 100\n"
        + "channels = ['x', { name = 'y', sensitivity_mv_per_g = 50 }, { name = 'v', unit = 'mm/s', scale = 3 }]")
    #expect(own.channels.map(\.scale) == [0.001, 0.002, 3])
  }

  @Test(
    "what contradicts itself or is only half said is refused, never guessed",
    arguments: [
      ("scale = 2\nsensitivity_mv_per_g = 100\ncounts_per_mv = 1", "scale: expected none, because sensitivity_mv_per_g is given"),
      ("scale = 2\ncounts_per_mv = 1", "scale: expected none, because counts_per_mv or full_scale_mv is given"),
      ("sensitivity_mv_per_g = 100", "counts_per_mv: needed, or full_scale_mv and bits"),
      ("counts_per_mv = 100", "sensitivity_mv_per_g: needed"),
      ("sensitivity_mv_per_mm_s = 4\ncounts_per_mv = 1", "sensitivity_mv_per_mm_s: expected unit = \"mm/s\" with it, got g"),
      (
        "sensitivity_mv_per_g = 100\nsensitivity_mv_per_um = 8\ncounts_per_mv = 1",
        "sensitivity_mv_per_um: expected none, because sensitivity_mv_per_g is given"
      ),
      ("sensitivity_mv_per_g = 100\nfull_scale_mv = 5000", "bits: needed"),
      ("sensitivity_mv_per_g = 100\nbits = 24", "full_scale_mv: needed"),
      ("sensitivity_mv_per_g = 100\ncounts_per_mv = 1\nfull_scale_mv = 5000\nbits = 16", "full_scale_mv: expected none"),
      ("channels = [{ name = 'x', scale = 1, sensitivity_mv_per_g = 100 }]", "channels[1].scale: expected none"),
      ("channels = [{ name = 'x', sensitivity_mv_per_g = 100 }]", "channels[1].counts_per_mv: needed"),
    ])
  func contradictions(lines: String, problem: String) {
    let found = told(lines)
    #expect(found.contains { $0.hasPrefix(problem) }, "\(found)")
  }

  @Test("a quantity makes a source or a channel a scalar with a unit of its own, pulses make it a tacho")
  func quantities() throws {
    let scalar = "[[source]]\ntopic = 'a/{machine}'\npoint = 't'\npayload = 'json'\nquantity = 'temperature'\n"
    let source = try #require(try parse(scalar + "unit = '°C'\n[source.fields]\nvalue = 'a.b'").sources.first)
    #expect(source.payloadFormat.measures == .scalar(.temperature, .celsius))
    #expect(source.payloadFormat.fields.samples == "a.b")
    let mixed = try format(
      "channels = ['x', { name = 'i', quantity = 'current', unit = 'mA', scale = 2 }, { name = 'n', pulses_per_turn = 60 }]")
    #expect(mixed.channels.map(\.measures) == [.waveform, .scalar(.current, .milliampere), .pulses(perTurn: 60)])
    #expect(mixed.channels.map(\.unit) == [.gravity, nil, nil] && mixed.channels.map(\.scale) == [1, 2, 1])
    let first = { (lines: String) in problems(scalar + lines).first ?? "" }
    #expect(first("").hasPrefix("t.toml: source[1].unit: missing; expected Cel, K, [degF] for a temperature"))
    #expect(first("unit = 'bar'").hasPrefix("t.toml: source[1].unit: expected Cel, K, [degF] for a temperature, got"))
    #expect(first("unit = 'K'\npulses_per_turn = 1").hasPrefix("t.toml: source[1].pulses_per_turn: expected none"))
    #expect(first("unit = 'K'\nsensitivity_mv_per_g = 1\ncounts_per_mv = 1").contains("expected unit = \"g\" with it, got none"))
    #expect(first("unit = 'K'\n[source.fields]\nvalue = 'a'\nsamples = 'b'").contains("value: expected none"))
  }

  @Test("limits rise, and there is at least one")
  func limits() throws {
    func point(_ limits: String) -> String { "[[machine]]\nname = 'm'\n[[machine.point]]\nname = 't'\nlimits = \(limits)\n" }
    let read = try parse(point("{ warning_below = -5, warning_above = 70, alarm_above = 90, rate_per_min = 2 }"))
    let limits = try #require(read.machines.first?.points.first?.limits)
    #expect(limits.warningBelow == -5 && limits.warningAbove == 70 && limits.alarmAbove == 90 && limits.ratePerMinute == 2)
    #expect(limits.alarmBelow == nil)
    for wrong in [
      "{}", "5", "{ warning_above = 90, alarm_above = 70 }", "{ alarm_below = 5, warning_above = 5 }", "{ warning = 5 }",
      "{ rate_per_min = 0 }", "{ warning_above = 'hot' }",
    ] {
      #expect(!problems(point(wrong)).isEmpty, "\(wrong)")
    }
  }
}
