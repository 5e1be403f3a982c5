import Foundation
import TestSupport
import Testing

/// ONNX Runtime in the Python environment that `scripts/setup` makes.
enum Judge {
  private static let python = repositoryRoot + "/.venv/bin/python3"
  static let isThere = (try? run([python, "-c", "import onnxruntime"])) != nil
  static let hint: Comment = "no ONNX Runtime in .venv (scripts/setup makes it)"

  /// The float outputs of a model by name, [row][column].
  /// - Parameter shape: of a row.
  static func outputs(of model: [UInt8], rows: [Float], shape: [Int]) throws -> [String: [[Float]]] {
    let folder = try TemporaryFolder()
    try Data(model).write(to: URL(fileURLWithPath: folder.path("model.onnx")))
    try rows.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: folder.path("rows.f32")))
    let script = repositoryRoot + "/scripts/golden/onnx_judge.py"
    let text = try run([
      python, script, folder.path("model.onnx"), folder.path("rows.f32"), shape.map { "\($0)" }.joined(separator: "x"),
    ])
    return try JSONDecoder().decode([String: [[Float]]].self, from: Data(text.utf8))
  }
}
