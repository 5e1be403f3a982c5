import Foundation
import TestSupport
import Testing

/// `thrum model`: learned from a recording, it scores others, shows its card and becomes ONNX.
@Suite struct ModelCommandTests {
  private let folder: TemporaryFolder
  private static let kind = ["--rate", "12800", "--unit", "g"]

  init() throws {
    folder = try TemporaryFolder()
    for (fault, seconds) in [("none", "8"), ("outer", "2")] {
      try expectDone(["simulate", "--fault", fault, "--seconds", seconds, "--rate", "12800", "-o", folder.path("\(fault).f32")])
    }
  }

  private func thrum(_ arguments: [String]) throws -> Printed { try GatewayProcess("").run("thrum", arguments) }

  @discardableResult
  private func expectDone(_ arguments: [String]) throws -> Printed {
    let ended = try thrum(arguments)
    #expect(ended.status == 0, "\(ended.text)")
    return ended
  }

  private func learn() throws -> String {
    let model = folder.path("m.model")
    try expectDone(["model", "learn", folder.path("none.f32"), "--window", "2048", "-o", model] + Self.kind)
    return model
  }

  @Test("a fault scores as an alarm, with what it is by; the healthy machine does not")
  func scored() throws {
    let model = try learn()
    for (fault, verdict) in [("none", "normal"), ("outer", "alarm")] {
      let rows = try expectDone(["model", "score", model, folder.path("\(fault).f32"), "--json"] + Self.kind).objects()
      #expect(rows.count > 20 && rows.allSatisfy { $0["verdict"] as? String == verdict && $0["reason"] is NSNull })
      for (index, row) in rows.enumerated() {
        let contributions = try #require(row["contributions"] as? [[String: Any]])
        #expect(row["window"] as? Int == index && contributions.count == 5 && contributions[0]["feature"] is String)
        let (score, probability) = (try #require(row["score"] as? Double), try #require(row["probability"] as? Double))
        #expect(abs(probability - 1 / (1 + pow(score, -4))) < 1e-9)
      }
    }
  }

  @Test("its card names windows, features and calibration; learning again gives the same version")
  func inspected() throws {
    let card = try #require(try expectDone(["model", "inspect", try learn(), "--json"]).objects().first)
    #expect(card["window_samples"] as? Int == 2048 && card["unit"] as? String == "g" && card["kind"] as? String == "learned")
    #expect((card["features"] as? [String])?.first == "rms" && card["uncalibrated"] as? Bool == false)
    let again = try #require(try expectDone(["model", "inspect", try learn(), "--json"]).objects().first)
    #expect(again["version"] as? String == card["version"] as? String)
  }

  @Test("export writes an ONNX file")
  func exported() throws {
    try expectDone(["model", "export", try learn(), "-o", folder.path("m.onnx")])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("m.onnx")))
    #expect(bytes.count > 10_000 && bytes.prefix(2) == Data([8, 8]))
  }

  @Test("what does not fit is refused, with the reason")
  func refused() throws {
    let model = try learn()
    let recording = folder.path("outer.f32")
    let cases: [(arguments: [String], status: Int32, reason: String)] = [
      (["score", model, recording, "--rate", "25600", "--unit", "g"], 2, "25600 Hz"),
      (["score", model, recording, "--window", "1024"] + Self.kind, 2, "2048"),
      (["score", recording, recording] + Self.kind, 1, "read model"),
      (["learn", recording, "--window", "32768", "-o", folder.path("x")] + Self.kind, 2, "fewer than a window"),
      (["learn", recording, "--window", "8192", "-o", folder.path("x")] + Self.kind, 2, "windows: expected 24"),
      (["inspect", folder.path("missing")], 1, "missing"),
    ]
    for (arguments, status, reason) in cases {
      let ended = try thrum(["model"] + arguments)
      #expect(ended.status == status && ended.text.contains(reason), "\(ended.text)")
    }
  }

  private static let features = "rms,peak,crest,kurtosis,skewness,band_0,band_1,band_2,band_3,band_4,band_5,band_6"

  @Test(
    "a model from elsewhere scores recordings by features, spectra or samples",
    arguments: [
      ("dense-torch", ["--input", "features", "--features", features, "--window", "4096"]),
      ("dense-keras", ["--input", "spectrum", "--window", "64"]), ("convolution-torch", ["--input", "window", "--window", "64"]),
    ])
  func imported(name: String, flags: [String]) throws {
    let (file, model) = ("\(repositoryRoot)/Tests/Golden/onnx/\(name).onnx", folder.path("\(name).model"))
    let bring = ["model", "import", file, "-o", model] + flags + Self.kind
    #expect(try thrum(bring).status == 2, "an autoencoder without a limit")
    try expectDone(bring + ["--healthy", folder.path("none.f32")])
    let card = try #require(try expectDone(["model", "inspect", model, "--json"]).objects().first)
    #expect(card["kind"] as? String == "imported" && card["input"] as? String == flags[1])
    let rows = try expectDone(["model", "score", model, folder.path("none.f32"), "--json"] + Self.kind).objects()
    let scores = rows.compactMap { $0["score"] as? Double }
    #expect(scores.count == rows.count && scores.allSatisfy { $0 > 0 && $0 < 1 })
    #expect((rows[0]["contributions"] as? [Any])?.isEmpty == (flags[1] != "features"))
    #expect(try thrum(["model", "export", model, "-o", folder.path("x.onnx")]).status == 2)
  }

  @Test("what is no model, or does not fit the windows, is refused by what it is")
  func importRefused() throws {
    let file = "\(repositoryRoot)/Tests/Golden/onnx/convolution-torch.onnx"
    let cases: [(file: String, flags: [String], reason: String)] = [
      (file, ["--input", "window", "--window", "128"], "takes 64 values, a window gives 128"),
      (folder.path("none.f32"), ["--input", "window", "--window", "64"], "no ONNX file"),
    ]
    for (file, flags, reason) in cases {
      let ended = try thrum(["model", "import", file, "--limit", "1", "-o", folder.path("x")] + flags + Self.kind)
      #expect(ended.status == 1 && ended.text.contains(reason), "\(ended.text)")
    }
  }
}
