import Foundation
import TestSupport
import Testing

@testable import Anomaly
@testable import ONNX

/// The models of Tests/Golden/onnx, each with windows and what ONNX Runtime made of them.
struct GoldenImport: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var rows: [[Float]]
  var output: [[Float]]

  var testDescription: String { name }

  static let all: [GoldenImport] = (try? JSONDecoder().decode([GoldenImport].self, from: Golden.data("onnx/models.json"))) ?? []

  static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Golden.data("onnx/\(name).onnx")) }

  /// A model's file after `change`.
  static func changed(_ name: String, _ change: (inout ONNXModel) -> Void) throws -> [UInt8] {
    var file = try ONNXFile.decoded(bytes(name))
    change(&file)
    return try ONNXFile.encoded(file)
  }
}
