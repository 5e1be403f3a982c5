import Foundation
import Signal
import TestSupport
import Testing

/// `thrum features`: what is asked for beyond THE LIST is there, and is what the list's own values say.
@Suite struct FeaturesCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func features(_ fault: String, _ flags: [String], rate: Double = 25_600) throws -> [String: Any] {
    _ = try GatewayProcess("").run(
      "thrum",
      ["simulate", "--fault", fault, "--seconds", "6", "--rate", "\(rate)", "--noise", "0.01", "-o", folder.path("x.f32")])
    let printed = try GatewayProcess("").run(
      "thrum", ["features", folder.path("x.f32"), "--rate", "\(rate)", "--unit", "g", "--json"] + flags)
    #expect(printed.status == 0, "\(printed.text)")
    return try #require(try printed.objects().first?["features"] as? [String: Any])
  }

  private func value(_ name: String, _ features: [String: Any]) throws -> Double {
    try #require(features[name] as? Double, "\(name)")
  }

  @Test("bands that cover everything hold all of the energy, and the shaft's line of an unbalance nearly all of the velocity")
  func bands() throws {
    let found = try features("unbalance", ["--window", "153600", "--rpm", "1500", "--bands", "0-6400,6400.1-12800"])
    let whole = try hypot(value("rms_0_6400_hz", found), value("rms_6400.1_12800_hz", found))
    #expect(abs(whole / (try value("rms", found)) - 1) < 0.01)
    let velocity = try value("velocity_rms_mm_s", found)
    #expect(try value("shaft_1x_mm_s", found) > 0.9 * velocity)
    #expect(try value("shaft_2x_mm_s", found) < 0.3 * velocity)
    #expect(try value("displacement_rms_2_hz_um", found) > 0.9 * 1000 * velocity / (2 * .pi * 25))
  }

  @Test("a recording too slow for blocks has the features of its windows; the others are empty, and the reason is said")
  func slow() throws {
    let lines = (0..<600).map { "\(sin(0.7 * Double($0)))" }
    try folder.write(lines.joined(separator: "\n"), to: "slow.csv")
    let flags = [folder.path("slow.csv"), "--rate", "50", "--unit", "mm/s", "--window", "300", "--rpm", "300"]
    let printed = try GatewayProcess("").run("thrum", ["features", "--json"] + flags)
    #expect(printed.status == 0 && printed.text.contains("rate from 64 Hz to 10 MHz"), "\(printed.text)")
    let row = try #require(printed.lines.first { $0.hasPrefix("{") })
    let object = try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any]
    let found = try #require(object?["features"] as? [String: Any])
    #expect(abs(try value("rms", found) - 0.5.squareRoot()) < 0.01)
    for name in ["velocity_rms_mm_s", "velocity_rms_2_hz_mm_s", "shaft_1x_mm_s"] { #expect(found[name] is NSNull, "\(name)") }
  }

  @Test("a recording with a value that no sensor measures is refused with its place", arguments: ["1e20", "-1e13"])
  func monster(value: String) throws {
    try folder.write((["0.5", value] + Array(repeating: "0.1", count: 100)).joined(separator: "\n"), to: "x.csv")
    let printed = try GatewayProcess("").run(
      "thrum", ["features", folder.path("x.csv"), "--rate", "1000", "--unit", "g", "--window", "64"])
    #expect(printed.status == 2 && printed.text.contains("x.csv") && printed.text.contains("sample 1 is"), "\(printed.text)")
  }

  @Test("a line of JSON names the features in the order of THE LIST, then those of blocks")
  func order() throws {
    try folder.write((0..<500).map { "\(sin(0.7 * Double($0)))" }.joined(separator: "\n"), to: "x.csv")
    let printed = try GatewayProcess("").run(
      "thrum",
      ["features", folder.path("x.csv"), "--rate", "100", "--unit", "g", "--window", "256", "--rpm", "300", "--json"])
    let line = try #require(printed.lines.first)
    #expect(line.hasPrefix("{\"window\":0,\"start_s\":0,\"features\":{\"rms\":0."), "\(line)")
    let names = line.matches(of: /"([a-z][a-z0-9_.]*)":/).map { String($0.output.1) }
    let list = FeatureExtractors.all.flatMap { $0.names }
    #expect(Array(names.dropFirst(3).prefix(list.count)) == list)
    #expect(Array(names.dropFirst(3 + list.count).prefix(2)) == ["velocity_rms_mm_s", "velocity_rms_2_hz_mm_s"])
    #expect(Array(names.suffix(2)) == ["shaft_3x_mm_s", "sensor_fault"])
    let second = try #require(try printed.objects().dropFirst().first)
    #expect(second["start_s"] as? Double == 1.28 && second["window"] as? Int == 1)
  }

  @Test(
    "windows that no sound sensor can have measured are told, in JSON and below the table",
    arguments: ["clipped", "stuck", "dropout", "spikes", "range"])
  func faults(fault: String) throws {
    var random = SplitMix64(seed: 3)
    let sound = (0..<2048).map { _ in Float.random(in: -1...1, using: &random) + Float.random(in: -1...1, using: &random) }
    let faulty = sound.enumerated().map { index, sample in
      switch fault {
      case "clipped": max(-0.5, min(0.5, sample))
      case "stuck": Float(0.25)
      case "dropout": (100..<400).contains(index) ? 0 : sample
      case "range": 6 * sample
      default: index == 700 ? 300 : sample
      }
    }
    try folder.write((sound + faulty).map { "\($0)" }.joined(separator: "\n"), to: "x.csv")
    let flags = [
      "features", folder.path("x.csv"), "--rate", "2048", "--unit", "g", "--window", "2048", "--overlap", "0", "--range", "10",
    ].dropLast(fault == "range" ? 0 : 2)
    let rows = try GatewayProcess("").run("thrum", flags + ["--json"]).objects()
    #expect(rows.count == 2 && rows[0]["sensor_fault"] is NSNull && rows[1]["sensor_fault"] as? String == fault, "\(rows)")
    let table = try GatewayProcess("").run("thrum", Array(flags)).text
    #expect(table.contains("1 of 2 windows") && table.contains("\(fault) 1; the first begins at 1 s"), "\(table)")
  }

  @Test("with a model exactly its features are measured, in its order and of its windows; what is no recording for it is refused")
  func model() throws {
    let (recording, model) = (folder.path("x.f32"), folder.path("x.model"))
    for arguments in [
      ["simulate", "--fault", "none", "--seconds", "4", "--rate", "12800", "-o", recording],
      ["model", "learn", recording, "--rate", "12800", "--unit", "g", "--window", "1024", "-o", model],
    ] {
      #expect(try GatewayProcess("").run("thrum", arguments).status == 0)
    }
    let thrum = { (flags: [String]) in try GatewayProcess("").run("thrum", ["features", recording, "--model", model] + flags) }
    let card = try GatewayProcess("").run("thrum", ["model", "inspect", model, "--json"]).objects()
    let names = try #require(card.first?["features"] as? [String])
    let printed = try thrum(["--rate", "12800", "--unit", "g", "--json"])
    let line = try #require(printed.lines.first)
    let measured = line.matches(of: /"([a-z][a-z0-9_.]*)":/).map { String($0.output.1) }
    #expect(measured == ["window", "start_s", "features"] + names + ["sensor_fault"], "\(printed.text)")
    #expect(printed.lines.count == 99)
    for flags in [["--rate", "12000", "--unit", "g"], ["--rate", "12800", "--unit", "mm/s"]] {
      let refused = try thrum(flags)
      #expect(refused.status == 2 && refused.text.contains("the model is for 12800 Hz in g"), "\(refused.text)")
    }
    #expect(try thrum(["--rate", "12800", "--unit", "g", "--window", "512"]).status == 2)
  }

  @Test("a rate that is not the file's own counts, with a warning; the file's own is taken without a word")
  func rates() throws {
    let thrum = { (arguments: [String]) in try GatewayProcess("").run("thrum", arguments) }
    let file = folder.path("x.wav")
    #expect(try thrum(["simulate", "--fault", "none", "--seconds", "1", "--rate", "8000", "-o", file]).status == 0)
    for rate in [[], ["--rate", "8000"], ["--rate", "8000.4"]] {
      let printed = try thrum(["features", file, "--unit", "g"] + rate)
      #expect(printed.status == 0 && !printed.text.contains("says"), "\(printed.text)")
    }
    let warned = try thrum(["features", file, "--unit", "g", "--rate", "4000"])
    #expect(warned.status == 0 && warned.text.contains("x.wav: says 8000 Hz, taken as 4000 Hz as --rate says"), "\(warned.text)")
  }

  @Test("a bearing may be named by its designation; one that nobody knows is refused")
  func designation() throws {
    let named = try features("outer", ["--window", "25600", "--rpm", "1500", "--bearing", "SKF 6205"])
    let lines = try features("outer", ["--window", "25600", "--rpm", "1500", "--bearing", "3.5848,5.4152,2.3567,0.39831"])
    #expect(abs(try value("bpfo_over_floor", named) / value("bpfo_over_floor", lines) - 1) < 0.01)
    let refused = try GatewayProcess("").run(
      "thrum", ["simulate", "--fault", "outer", "--bearing", "9999", "-o", folder.path("y.f32")])
    #expect(refused.status == 2 && refused.text.contains("thrum bearings"), "\(refused.text)")
  }

  @Test("gear, blades and supply have their lines; a worn gear's sidebands stand on both sides")
  func parts() throws {
    let flags = ["--window", "153600", "--rpm", "1500", "--teeth", "23", "--blades", "6", "--line-hz", "50"]
    let found = try features("gear", flags)
    for name in ["gear_mesh_mm_s", "blade_pass_mm_s", "line_2x_mm_s", "shaft_0.5x_mm_s", "shaft_3x_mm_s"] {
      _ = try value(name, found)
    }
    for side in ["below", "above"] {
      #expect(try value("gear_sideband_\(side)_mm_s", found) > 3 * (try value("blade_pass_mm_s", found)))
    }
  }

  @Test("a band below 10 Hz is told from what lies just below it, at a rate that has no blocks")
  func lowBand() throws {
    try folder.write((0..<2400).map { "\(sin(2 * Double.pi * 0.42 * Double($0) / 40))" }.joined(separator: "\n"), to: "x.csv")
    let printed = try GatewayProcess("").run(
      "thrum",
      [
        "features", folder.path("x.csv"), "--rate", "40", "--unit", "mm/s", "--window", "2400", "--bands", "0.5-5,0.3-5",
        "--json",
      ])
    let row = try #require(printed.lines.first { $0.hasPrefix("{") })
    let object = try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any]
    let found = try #require(object?["features"] as? [String: Any])
    #expect(try value("rms_0.5_5_hz", found) < 0.002 * 0.5.squareRoot())
    #expect(abs(try value("rms_0.3_5_hz", found) / 0.5.squareRoot() - 1) < 0.01)
  }

  @Test("a window shorter than a second has none of them, a band beyond half the rate no value")
  func unknown() throws {
    let found = try features("none", ["--window", "4096", "--rpm", "1500", "--bands", "10-1000"])
    for name in ["velocity_rms_mm_s", "displacement_rms_2_hz_um", "rms_10_1000_hz", "shaft_1x_mm_s"] {
      #expect(found[name] is NSNull, "\(name)")
    }
    #expect(try features("none", ["--window", "25600", "--bands", "10-20000"])["rms_10_20000_hz"] is NSNull)
  }

  @Test(
    "wrong usage ends with 2",
    arguments: [["--bands", "x"], ["--bands", "5-1"], ["--teeth", "1", "--rpm", "1"], ["--teeth", "20"], ["--line-hz", "0"]])
  func usage(flags: [String]) throws {
    let printed = try GatewayProcess("").run("thrum", ["features", "x.f32", "--rate", "100", "--unit", "g"] + flags)
    #expect(printed.status == 2, "\(printed.text)")
  }
}
