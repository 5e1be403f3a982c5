import Foundation
import Signal

@testable import Anomaly
@testable import ONNX

extension FuzzTarget {
  /// The first byte chooses how many values a window has, where the file leaves that open. What is taken is run, if that takes no time.
  static let onnx = FuzzTarget(
    name: "onnx", seeds: { files.map { [0] + $0 } + [[12] + exported] },
    read: { input in
      let (chosen, file) = choice(input)
      guard let parts = try? ONNXImport.parts(Array(file), values: chosen == 0 ? nil : chosen) else { return }
      guard parts.before.inputs <= 4096, parts.before.operations + parts.after.operations <= 1 << 20 else { return }
      let values = (0..<parts.before.inputs).map { Float($0 % 7) - 3 }
      precondition(parts.output(of: values).count == (parts.forest == nil ? parts.before.inputs : 1))
      let names = values.indices.map { "f\($0)" }
      let shape = ModelShape(windowSamples: 256, sampleRateHz: 1000, unit: .gravity, featureNames: names)
      guard let model = try? ImportedModel(input: .features, shape: shape, parts: parts, limit: 1) else { return }
      precondition(model.score(values).joint >= 0)
    })

  /// The judges' models: dense and convolutional autoencoders as PyTorch and Keras write them, forests as skl2onnx does.
  private static var files: [[UInt8]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Golden/onnx")
    return ["dense-torch", "dense-keras", "convolution-torch", "convolution-keras", "forest-15-alone", "forest-21"].compactMap {
      (try? Data(contentsOf: folder.appendingPathComponent("\($0).onnx"))).map { [UInt8]($0) }
    }
  }

  /// What Thrum writes itself: two branches, so that it is refused after it has been walked.
  private static var exported: [UInt8] { (try? ONNXExport.bytes(of: learned(features: 12))) ?? [] }
}
