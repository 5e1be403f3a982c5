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
  }

  @Test(
    "a packaged autoencoder is what a gateway would take, and scores as ONNX Runtime within 1e-5", .enabled(if: isThere, hint))
  func autoencoder() throws {
    let folder = try TemporaryFolder()
    let script = repositoryRoot + "/scripts/golden/train_judge.py"
    let text = try TestSupport.run([
      Self.python, script, GatewayProcess.program("thrum"), folder.path, "--detector", "autoencoder", "--adversarial", "fgsm",
    ])
    let judgement = try JSONDecoder().decode(Judgement.self, from: Data(text.utf8))
    #expect(judgement.verified)
    #expect(judgement.windows >= 50)
    #expect(judgement.difference < 1e-5)
  }
}
