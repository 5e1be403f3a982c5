import Foundation
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
