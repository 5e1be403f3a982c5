import Foundation
import Simulator
import TestSupport
import Testing

/// `thrum spectrum` and the recordings' formats, as people and programs meet them.
@Suite struct SpectrumCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func thrum(_ arguments: [String]) throws -> Printed {
    try Printed([GatewayProcess.program("thrum")] + arguments, in: folder)
  }

  /// 10 m/s² RMS at 159.155 Hz, 20 s at 4 kHz.
  private func tone() throws -> String {
    let samples = (0..<80_000).map { Float(10 * 2.0.squareRoot() * sin(2 * Double.pi * 159.155 * Double($0) / 4000)) }
    try samples.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: folder.path("tone.f32")))
    return folder.path("tone.f32")
  }

  @Test(
    "10 m/s² RMS at 159.155 Hz are 10.00 mm/s and 10.00 µm, and every key of the contract is there",
    arguments: ["velocity", "displacement"])
  func physics(kind: String) throws {
    let flags = ["--rate", "4000", "--unit", "m/s2", "--kind", kind, "--window", "flattop", "--segment", "20", "--rpm", "9549"]
    let report = try #require(try thrum(["spectrum", tone(), "--json"] + flags).objects().first)
    let amplitude = try #require(report["amplitude"] as? [Double])
    #expect(abs(try #require(amplitude.max()) - 10) < 0.01)
    #expect((report["frequency_hz"] as? [Double])?.count == amplitude.count && report["orders"] == nil)
    #expect(report["kind"] as? String == kind && report["quantity"] as? String == kind)
    #expect(report["unit"] as? String == (kind == "velocity" ? "mm/s" : "um") && report["detection"] as? String == "rms")
    #expect(report["resolution_hz"] as? Double == 0.05 && report["averages"] as? Int == 1)
    #expect(report["window"] as? String == "flattop" && report["band_hz"] as? [Double] == [2, 2000])
    let line = try #require((report["lines"] as? [[String: Any]])?.first { $0["name"] as? String == "1x" })
    #expect(Set(line.keys) == ["name", "frequency_hz", "amplitude", "ratio_to_floor"])
  }

  @Test("a terminal of 80 columns, a table, a NumPy file and a page show the same spectrum")
  func forms() throws {
    let flags = ["spectrum", try tone(), "--rate", "4000", "--unit", "m/s2", "--rpm", "1500", "--max-hz", "500"]
    let text = try thrum(flags)
    #expect(text.status == 0 && text.lines.allSatisfy { $0.count <= 80 } && text.text.contains("159.00"), "\(text.text)")
    #expect(try thrum(flags + ["--csv"]).lines.first == "frequency_hz,amplitude")
    #expect(try thrum(flags + ["--json", "--npy", folder.path("y.npy")]).objects().count == 1)
    #expect(FileManager.default.fileExists(atPath: folder.path("y.npy")))
    #expect(try thrum(flags + ["--npy", folder.path("x.npy"), "--html", folder.path("x.html")]).status == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("x.npy"))).count == 128 + 2001 * 16)
    #expect(try contents(ofFile: folder.path("x.html")).contains("<canvas"))
  }

  @Test("a shaft that runs up is followed by a tacho's pulses, or by a table of its speed")
  func orders() throws {
    // 5 turns per second, one more every second; 3x and nothing else.
    let turns = { (t: Double) in 5 * t + t * t / 2 }
    let samples = (0..<20_000).map { Float(sin(6 * Double.pi * turns(Double($0) / 2000))) }
    try samples.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: folder.path("run.f32")))
    let pulses = (0...200).map { "\((25 + Double($0)).squareRoot() - 5)" }
    let tacho = try folder.write("seconds\n" + pulses.joined(separator: "\n"), to: "pulses.txt")
    let table = try folder.write("time_s,rpm\n0,300\n10,900\n", to: "rpm.csv")
    let flags = ["spectrum", folder.path("run.f32"), "--rate", "2000", "--unit", "g", "--kind", "order", "--json"]
    for (way, source) in [(["--tacho", tacho, "--pulses-per-turn", "2"], "tacho"), (["--rpm-profile", table], "profile")] {
      let report = try #require(try thrum(flags + way).objects().first)
      let line = try #require((report["lines"] as? [[String: Any]])?.first { $0["name"] as? String == "3x" })
      #expect(abs(try #require(line["amplitude"] as? Double) - 0.7071) < 1e-3)
      let speed = try #require(report["speed"] as? [String: Any])
      #expect(speed["source"] as? String == source && abs((speed["rpm"] as? Double ?? 0) - 600) < 15, "\(speed)")
    }
    let text = try thrum(flags.dropLast() + ["--rpm-profile", table])
    #expect(text.status == 0 && text.text.contains("r/min") && text.lines.allSatisfy { $0.count <= 80 }, "\(text.text)")
    let envelope = try thrum(
      ["spectrum", folder.path("run.f32"), "--rate", "2000", "--unit", "g", "--kind", "envelope", "--json"]
        + ["--tacho", tacho, "--pulses-per-turn", "2", "--bearing", "3.2,4.8,2.5,0.4", "--band", "5-200", "--segment", "2"])
    let followed = try #require(try envelope.objects().first, "\(envelope.text)")
    #expect((followed["lines"] as? [Any])?.count == 4 && followed["orders"] != nil && followed["detection"] as? String == "peak")
    let broken = try folder.write(
      pulses.enumerated().filter { $0.offset != 7 }.map(\.element).joined(separator: "\n"), to: "bad.txt")
    let refused = try thrum(flags + ["--tacho", broken, "--pulses-per-turn", "2"])
    #expect(refused.status == 1 && refused.text.contains("a pulse is missing after"), "\(refused.text)")
  }

  @Test("a speed that the shaft's lines tell is taken; where they do not, there are no orders")
  func estimated() throws {
    let samples = (0..<8000).map { n in
      let angle = 2 * Double.pi * 24.6 * Double(n) / 1000
      return Float(sin(angle) + 0.5 * sin(2 * angle) + 0.4 * sin(3 * angle) + Double(n * 7919 % 1009) / 1009)
    }
    try samples.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: folder.path("shaft.f32")))
    let flags = ["--rate", "1000", "--unit", "g", "--estimate-rpm", "--rpm", "1500", "--json"]
    let report = try #require(try thrum(["spectrum", folder.path("shaft.f32")] + flags).objects().first)
    let speed = try #require(report["speed"] as? [String: Any])
    #expect(abs((speed["rpm"] as? Double ?? 0) / 1476 - 1) < 0.001 && speed["source"] as? String == "estimated", "\(speed)")
    #expect(try #require(speed["confidence"] as? Double) > 0.4 && (report["lines"] as? [Any])?.isEmpty == false)
    // A single tone far from the nominal speed.
    let other = try #require(try thrum(["spectrum", tone()] + flags).objects().first)
    #expect((other["speed"] as? [String: Any])?["rpm"] == nil && (other["lines"] as? [Any])?.isEmpty == true)
    let lines = ["--bearing", "3.2,4.8,2.5,0.4", "--window", "1000"]
    let known = try thrum(["features", folder.path("shaft.f32")] + flags + lines).objects()
    let unknown = try thrum(["features", tone()] + flags + lines).objects()
    #expect((known.first?["features"] as? [String: Any])?["bpfo_over_floor"] is Double)
    #expect((unknown.first?["features"] as? [String: Any])?["bpfo_over_floor"] is NSNull, "\(unknown.first ?? [:])")
    let refused = try thrum(["spectrum", tone(), "--kind", "order"] + flags)
    #expect(refused.status == 1 && refused.text.contains("do not tell its speed"), "\(refused.text)")
  }

  @Test("the envelope of a band, of the one that the kurtogram finds, and of whitened samples")
  func bands() throws {
    var machine = MachineSimulator.Machine()
    (machine.sampleRateHz, machine.resonances) = (8000, [.init(frequencyHz: 2400)])
    var simulator = MachineSimulator(fault: .outer, machine: machine, seed: 5)
    let samples = simulator.next(24_000).samples
    try samples.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: folder.path("rings.f32")))
    let flags = ["spectrum", folder.path("rings.f32"), "--rate", "8000", "--unit", "g", "--kind", "envelope", "--json"]
    let fixed = try #require(try thrum(flags + ["--band", "2000-3000", "--squared"]).objects().first)
    #expect(fixed["band_hz"] as? [Double] == [2000, 3000] && fixed["band_kurtosis"] == nil)
    for more in [["--band", "auto"], ["--band", "auto", "--prewhiten"], ["--prewhiten"]] {
      let report = try #require(try thrum(flags + more).objects().first)
      let amplitude = try #require(report["amplitude"] as? [Double])
      let top = amplitude.indices.max { amplitude[$0] < amplitude[$1] }
      #expect(top == 81, "\(more)")
      #expect((report["band_kurtosis"] as? Double != nil) == more.contains("auto"))
    }
    let text = try thrum(flags.dropLast() + ["--band", "auto"])
    #expect(text.status == 0 && text.text.contains("kurtosis") && text.lines.allSatisfy { $0.count <= 80 }, "\(text.text)")
  }

  @Test("a column of a table is one channel")
  func channel() throws {
    let rows = (0..<2000).map { "0;\(sin(2 * Double.pi * 50 * Double($0) / 1000))" }
    let table = try folder.write("a;b\n" + rows.joined(separator: "\n"), to: "x.csv")
    let flags = ["spectrum", table, "--rate", "1000", "--unit", "g", "--detection", "peak", "--json"]
    let report = try #require(try thrum(flags + ["--channel", "2"]).objects().first)
    #expect(abs(try #require(report["amplitude"] as? [Double])[50] - 1) < 1e-3)
    let third = try thrum(flags + ["--channel", "3"])
    #expect(third.status == 1 && third.text.contains("expected 3 columns or more, got 2"), "\(third.text)")
  }

  @Test(
    "wrong usage ends with 2 and says what to give",
    arguments: [
      ["--kind", "order"], ["--kind", "noise"], ["--rpm", "-1"], ["--rpm", "nan"], ["--bearing", "1,2,3,4"], ["--squared"],
      ["--rpm", "60", "--bearing", "1,2,3,1e300"], ["--kind", "envelope", "--segment", "2"], ["--max-hz", "0"],
      ["--segment", "1", "--resolution", "1"], ["--rate", "1e300"], ["--tacho", "x"],
      ["--kind", "order", "--pulses-per-turn", "2"],
      ["--band", "auto"], ["--prewhiten"],
      ["--kind", "envelope", "--band", "5"], ["--kind", "envelope", "--band", "500-200"], ["--estimate-rpm"],
      ["--kind", "order", "--rpm", "60", "--tacho", "x"],
      ["--kind", "order", "--tacho", "x", "--pulses-per-turn", "0"],
    ])
  func usage(arguments: [String]) throws {
    let flags = arguments.contains("--rate") ? [] : ["--rate", "4000"]
    let printed = try thrum(["spectrum", tone(), "--unit", "g"] + flags + arguments)
    #expect(printed.status == 2 && !printed.text.isEmpty, "\(printed.text)")
  }

  @Test("its help shows examples")
  func help() throws { #expect(try thrum(["spectrum", "--help"]).text.contains("EXAMPLES")) }
}
