import Anomaly
import ArgumentParser
import ONNX
import Terminal

struct ModelExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a learned model as one ONNX file.",
    discussion: """
      Input features [N, F], float, in the order that inspect names; outputs score and probability [N, 1], equal to what \
      thrum model score says.

      EXAMPLES
        thrum model export pump.model -o pump.onnx
      """)

  @Argument(help: "A model's file.", completion: .file())
  var model: String
  @Option(name: [.customShort("o"), .customLong("output")], help: "The ONNX file.", completion: .file())
  var file: String

  func run() throws {
    guard case .learned(let learned) = try AnyModel(reading: model) else {
      throw UsageError("export \(model.printable): it was imported; only what Thrum has learned is exported")
    }
    let bytes = try ONNXExport.bytes(of: learned)
    try OutputFile.write(bytes, to: file)
    print("wrote \(file.printable): \(learned.version), \(bytes.count) bytes")
  }
}
