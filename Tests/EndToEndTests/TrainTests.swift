import Foundation
import TestSupport
import Testing

/// What `scripts/train` makes of healthy windows, on Thrum and on ONNX Runtime.
@Suite struct TrainTests {
  private static let python = repositoryRoot + "/.venv/bin/python3"
  static let isThere = (try? TestSupport.run([python, "-c", "import onnxruntime, sklearn, skl2onnx"])) != nil
  static let hint: Comment = "no ONNX Runtime or scikit-learn in .venv (scripts/setup makes it)"

  private struct Judgement: Decodable {
    let verified: Bool
    let windows: Int
    let difference: Double
    let probability: Double
  }

  @Test(
    "what is packaged is what a gateway would take, scores as ONNX Runtime within 1e-5, and tells of no fault in healthy windows",
    .enabled(if: isThere, hint), arguments: [["forest"], ["autoencoder", "--adversarial", "fgsm"]])
  func packaged(detector: [String]) throws {
    let folder = try TemporaryFolder()
    let script = repositoryRoot + "/scripts/golden/train_judge.py"
    let text = try TestSupport.run([Self.python, script, GatewayProcess.program("thrum"), folder.path, "--detector"] + detector)
    let judgement = try JSONDecoder().decode(Judgement.self, from: Data(text.utf8))
    #expect(judgement.verified)
    #expect(judgement.windows >= 50)
    #expect(judgement.difference < 1e-5)
    #expect(judgement.probability < 0.2, "the gate `calibration` of a rollout")
  }
}
