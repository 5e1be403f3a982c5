import Foundation
import TestSupport
import Testing

/// `thrum simulate`: a file, the truth beside it, and words that never let it pass as measured.
@Suite struct SimulateTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func thrum(_ arguments: String...) throws -> Printed { try GatewayProcess("").run("thrum", arguments) }

  private func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder.path(name))) }

  private func truth(_ name: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: bytes(name + ".truth.json")) as? [String: Any])
  }

  @Test("the same seed gives the same bytes, samples and truth; another seed others")
  func seeds() throws {
    for (name, seed) in [("a.f32", "5"), ("b.f32", "5"), ("c.f32", "6")] {
      let printed = try thrum("simulate", "--fault", "ball", "--seconds", "1", "--seed", seed, "-o", folder.path(name))
      #expect(printed.status == 0, "\(printed.text)")
    }
    #expect(try bytes("a.f32") == bytes("b.f32") && bytes("a.f32") != bytes("c.f32"))
    #expect(try bytes("a.f32.truth.json") == bytes("b.f32.truth.json"))
    #expect(try bytes("a.f32").count == 4 * 25_600)
  }

  @Test("the truth says that it is simulated, when the defect struck, and the speed all along")
  func truth() throws {
    let printed = try thrum(
      "simulate", "--fault", "outer", "--severity", "0.5", "--seconds", "4", "--rate", "10000", "--rpm", "600", "--end-rpm",
      "1800",
      "-o", folder.path("x.f32"))
    #expect(printed.text.contains("SIMULATED, not measured"))
    let truth = try truth("x.f32")
    #expect(truth["simulated"] as? Bool == true && truth["fault"] as? String == "outer" && truth["severity"] as? Double == 0.5)
    let strikes = try #require(truth["strikes_s"] as? [Double])
    #expect(abs(Double(strikes.count) - 3.245 * 20 * 4) < 4 && strikes == strikes.sorted() && strikes.allSatisfy { $0 < 4 })
    let speed = try #require(truth["speed"] as? [String: Any])
    let rpm = try #require(speed["rpm"] as? [Double])
    #expect(speed["step_s"] as? Double == 0.01 && rpm.count == 400)
    #expect(rpm.first == 600 && abs(rpm[200] - 1200) < 1e-6)
    let machine = try #require(truth["machine"] as? [String: Any])
    #expect(machine["bpfo"] as? Double == 3.245 && machine["slip"] as? Double == 0.01 && machine["noise_rms"] as? Double == 0.15)
  }

  @Test("every format is read back to the same samples", arguments: ["f32", "i16", "wav", "csv"])
  func formats(format: String) throws {
    func rms(_ name: String, _ flags: [String]) throws -> Double {
      let row = try #require(
        try GatewayProcess("").run("thrum", ["features", folder.path(name), "--unit", "g", "--json"] + flags).objects().first)
      return try #require((row["features"] as? [String: Any])?["rms"] as? Double)
    }
    for format in ["f32", format] {
      _ = try thrum("simulate", "--fault", "inner", "--seconds", "0.2", "--rate", "25600", "-o", folder.path("x.\(format)"))
    }
    let printed = try thrum("simulate", "--fault", "inner", "--seconds", "0.2", "-o", folder.path("x.\(format)"), "--json")
    let summary = try #require(try printed.objects().first)
    #expect(summary["simulated"] as? Bool == true)
    let scale = try #require(summary["scale"] as? Double)
    #expect((scale == 1) == (format != "i16"))
    let flags = ["--scale", "\(scale)"] + (format == "wav" ? [] : ["--rate", "25600"])
    #expect(abs(try rms("x.\(format)", flags) - rms("x.f32", ["--rate", "25600"])) < 1e-4)
  }

  @Test(
    "wrong usage ends with 2 and says what was expected",
    arguments: [
      ["--fault", "rust"], ["--rate", "nan"], ["--rate", "99"], ["--seconds", "0"], ["--seconds", "80000"], ["--rpm", "-1"],
      ["--end-rpm", "0"], ["--bearing", "1,2,3"], ["--bearing", "1,2,3,x"], ["--teeth", "2"], ["--severity", "101"],
      ["--slip", "1"], ["--resonance", "20000"], ["--resonance", ""], ["--format", "mp3"],
      ["--seed", "x"], ["--rpm", "60000", "--teeth", "20"], ["--direction", "up"],
    ])
  func wrongUsage(flags: [String]) throws {
    let fault = flags[0] == "--fault" ? [] : ["--fault", "none"]
    let printed = try GatewayProcess("").run("thrum", ["simulate"] + fault + flags + ["-o", folder.path("x.f32")])
    #expect(printed.status == 2 && printed.text.contains(flags[0]), "\(printed.text)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("x.f32")))
  }

  @Test("a file that cannot be written ends with 1 and its reason")
  func unwritable() throws {
    let printed = try thrum("simulate", "--fault", "none", "--seconds", "0.1", "-o", folder.path("no/x.f32"))
    #expect(printed.status == 1 && printed.text.contains("No such file"))
  }
}
