import Testing

@testable import Anomaly
@testable import ONNX

@Suite("A learned model as ONNX")
struct ONNXExportTests {
  @Test("1,000 windows score the same in ONNX Runtime, within 1e-5", .enabled(if: Judge.isThere, Judge.hint))
  func runtime() throws {
    var windows = Learned.windows(500, seed: 7)
    Learned.windows(500, seed: 8, spread: 1.7).forEach { windows.append($0) }
    let scores = Learned.scores(windows)
    #expect(scores.contains { $0.verdict == .normal } && scores.contains { $0.verdict == .alarm })
    let said = try Judge.outputs(of: ONNXExport.bytes(of: Learned.model), rows: windows.values, shape: [Learned.features])
    try expectEqual(scores, #require(said["score"]), #require(said["probability"]))
  }

  @Test(
    "features that are no numbers, infinite or far away score the same in ONNX Runtime", .enabled(if: Judge.isThere, Judge.hint))
  func wild() throws {
    var windows = FeatureTable(features: Learned.features)
    for wild in [Float.nan, .infinity, -.infinity, 1e30, -1e30] {
      for feature in 0..<Learned.features {
        var window = Array(Learned.windows(1, seed: 3).values)
        window[feature] = wild
        windows.append(window)
      }
    }
    let said = try Judge.outputs(of: ONNXExport.bytes(of: Learned.model), rows: windows.values, shape: [Learned.features])
    let scores = Learned.scores(windows)
    for (score, row) in zip(scores, try #require(said["score"])) {
      // Float32 itself is coarser than 1e-5 up there.
      #expect(abs(Float(score.joint) - row[0]) <= max(1e-5, 8 * row[0].ulp))
    }
  }

  @Test("its operators, walked one by one, give the score")
  func twin() throws {
    let bytes = try ONNXExport.bytes(of: Learned.model)
    let graph = try ONNXFile.decoded(bytes).graph
    for spread in [1, 1.7] as [Float] {
      let windows = Learned.windows(6, seed: 9, spread: spread)
      var rows: [(Float, Float)] = []
      windows.forEach { rows.append(SlowGraph(graph).run(Array($0))) }
      expectEqual(Learned.scores(windows), rows.map { [$0.0] }, rows.map { [$0.1] })
    }
  }

  @Test("it says what it is for, and the same model gives the same bytes")
  func described() throws {
    let bytes = try ONNXExport.bytes(of: Learned.model)
    #expect(try ONNXExport.bytes(of: Learned.model) == bytes)
    let file = try ONNXFile.decoded(bytes)
    let metadata = Dictionary(uniqueKeysWithValues: file.metadata.map { ($0.key, $0.value) })
    #expect(metadata["thrum.version"] == Learned.model.version)
    #expect(metadata["thrum.features"]?.hasPrefix("feature0,feature1,") == true)
    #expect(metadata["thrum.window_samples"] == "1024" && metadata["thrum.unit"] == "g")
    #expect(file.graph.input.map(\.name) == ["features"] && file.graph.output.map(\.name) == ["score", "probability"])
  }

  private func expectEqual(_ scores: [Score], _ said: [[Float]], _ probabilities: [[Float]]) {
    #expect(scores.count == said.count && said.allSatisfy { $0.count == 1 } && probabilities.count == said.count)
    for (score, (said, probability)) in zip(scores, zip(said, probabilities)) {
      #expect(abs(score.joint - Double(said[0])) <= 1e-5)
      #expect(abs(score.probability - Double(probability[0])) <= 1e-5)
    }
  }
}
