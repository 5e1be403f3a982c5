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
}
