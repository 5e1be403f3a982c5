import Foundation
import Signal
import Testing

@testable import Anomaly
@testable import ONNX

@Suite("Bad ONNX files")
struct HostileImportTests {
  struct Bad: Sendable, CustomTestStringConvertible {
    var name: String
    var base = "dense-torch"
    /// What the refusal names, and why.
    var object, reason: String
    var change: @Sendable (inout ONNXModel) -> Void
    var testDescription: String { name }
  }

  static let bad: [Bad] = [
    Bad(name: "NaN weights", object: "tensor 'c0'", reason: "not finite") { $0.graph.initializer[0].rawData = floats(.nan, 96) },
    Bad(name: "infinite bias", object: "tensor 'c1'", reason: "not finite") {
      $0.graph.initializer[1].rawData = floats(.infinity, 8)
    },
    Bad(name: "weights of another shape", object: "Gemm 'Gemm0'", reason: "of shape [8]") {
      $0.graph.initializer[0].dims = [12, 8]
    },
    Bad(name: "more dimensions than data", object: "tensor 'c0'", reason: "bytes where") {
      $0.graph.initializer[0].dims = [8, 13]
    },
    Bad(name: "2 GB dimension", object: "tensor 'c0'", reason: "a dimension of 2147483648") {
      $0.graph.initializer[0].dims = [1 << 31, 1]
    },
    Bad(name: "product that overflows", object: "tensor 'c0'", reason: "more than") {
      $0.graph.initializer[0].dims = [1 << 22, 1 << 22, 1 << 22]
    },
    Bad(name: "negative dimension", object: "tensor 'c0'", reason: "a dimension of -1") {
      $0.graph.initializer[0].dims = [-1, 12]
    },
    Bad(name: "huge input", object: "input 'x'", reason: "of shape") {
      $0.graph.input[0].type.tensor.shape.dim[1].value = 1 << 40
    },
    Bad(name: "other data file", object: "tensor 'c0'", reason: "in another file") {
      $0.graph.initializer[0].externalData = [ONNXEntry()]
    },
    Bad(name: "data location", object: "tensor 'c0'", reason: "in another file") { $0.graph.initializer[0].dataLocation = 1 },
    Bad(name: "unknown operator", object: "Loop", reason: "no operator") { $0.graph.node[1].opType = "Loop" },
    Bad(name: "operator of others", object: "com.example.Relu", reason: "no operator") {
      $0.graph.node[1].domain = "com.example"
    },
    Bad(name: "cycle", object: "Gemm 'Gemm0'", reason: "circle") { $0.graph.node[0].input[0] = $0.graph.node[5].output[0] },
    Bad(name: "output twice", object: "Relu", reason: "taken") { $0.graph.node.append($0.graph.node[1]) },
    Bad(name: "missing tensor", object: "Gemm 'Gemm0'", reason: "missing") { $0.graph.initializer.removeFirst() },
    Bad(name: "unknown attribute", object: "Gemm 'Gemm0'", reason: "'surprise'") {
      $0.graph.node[0].attribute.append(ONNXAttribute("surprise", int: 1))
    },
    Bad(name: "nested graph", object: "Gemm 'Gemm0'", reason: "a graph") {
      var attribute = ONNXAttribute("body", int: 0)
      attribute.graph = Data(repeating: 0x32, count: 100)
      $0.graph.node[0].attribute.append(attribute)
    },
    Bad(name: "functions", object: "file", reason: "functions") { $0.functions = [Data([8])] },
    Bad(name: "old opset", object: "opset ai.onnx", reason: "version 12") { $0.opsetImport[0].version = 12 },
    Bad(name: "new opset", object: "opset ai.onnx", reason: "version 22") { $0.opsetImport[0].version = 22 },
    Bad(name: "two inputs", object: "graph", reason: "2 inputs") { $0.graph.input.append($0.graph.input[0]) },
    Bad(name: "no reproduction", object: "output 'y5'", reason: "does not reproduce") {
      $0.graph.output[0].name = "y5"
    },
    Bad(name: "tree with a cycle", base: "forest-13", object: "ai.onnx.ml.TreeEnsembleRegressor", reason: "cycle") {
      $0.editTree { if $0.name == "nodes_truenodeids" { $0.ints[0] = 0 } }
    },
    Bad(name: "tree that leads nowhere", base: "forest-13", object: "ai.onnx.ml.TreeEnsembleRegressor", reason: "not there") {
      $0.editTree { if $0.name == "nodes_falsenodeids" { $0.ints[0] = 9999 } }
    },
    Bad(name: "split of no feature", base: "forest-13", object: "ai.onnx.ml.TreeEnsembleRegressor", reason: "beyond") {
      $0.editTree { if $0.name == "nodes_featureids" { $0.ints[0] = 6 } }
    },
    Bad(name: "NaN threshold", base: "forest-13", object: "ai.onnx.ml.TreeEnsembleRegressor", reason: "not finite") {
      $0.editTree { if $0.name == "nodes_values" { $0.floats[0] = .nan } }
    },
    Bad(name: "uneven columns", base: "forest-13", object: "ai.onnx.ml.TreeEnsembleRegressor", reason: "length") {
      $0.editTree { if $0.name == "nodes_values" { $0.floats.removeLast() } }
    },
    Bad(name: "channels that do not divide", base: "convolution-torch", object: "Conv", reason: "channels") {
      $0.graph.node[4].attribute = [ONNXAttribute("group", int: 5)]
    },
    Bad(name: "huge padding", base: "convolution-torch", object: "Conv", reason: "pads") {
      $0.graph.node[0].attribute = [ONNXAttribute("pads", ints: [1 << 40, 0])]
    },
    Bad(name: "zero stride", base: "convolution-torch", object: "Conv", reason: "strides") {
      $0.graph.node[0].attribute = [ONNXAttribute("strides", ints: [0])]
    },
  ]

  private static func floats(_ value: Float, _ count: Int) -> Data {
    [Float](repeating: value, count: count).withUnsafeBytes { Data($0) }
  }

  @Test("each is refused with what and why", arguments: bad)
  func refused(bad: Bad) throws {
    let bytes = try GoldenImport.changed(bad.base, bad.change)
    let error = #expect(throws: ONNXError.self) { try ONNXImport.parts(bytes) }
    let said = "\(error?.description ?? "nothing")"
    #expect(said.hasPrefix("import \(bad.object)") && said.contains(bad.reason), "\(said)")
  }

  @Test("a file that is cut short anywhere is refused", arguments: GoldenImport.all.filter { !$0.name.hasPrefix("forest") })
  func truncated(origin: GoldenImport) throws {
    let bytes = try GoldenImport.bytes(origin.name)
    for length in 0..<bytes.count - 1 {
      do {
        // What is left may be a smaller model only where nothing but the opsets' tail is gone.
        _ = try ONNXImport.parts(Array(bytes.prefix(length)))
        #expect(length > bytes.count - 24)
      } catch {}
    }
  }

  @Test("messages within messages, and more parts than a model has, are refused before they cost anything")
  func nesting() {
    var deep: [UInt8] = []
    for _ in 0..<1000 { deep = [0x3A] + Self.varint(deep.count) + deep }
    #expect(throws: ONNXError.self) { try ONNXImport.parts(deep) }
    var nodes = [UInt8](repeating: 0, count: 3 << 20)
    for place in stride(from: 0, to: nodes.count, by: 2) { nodes[place] = 0x0A }
    #expect(throws: ONNXError("file", "holds more than \(ONNXFile.mostParts) parts")) {
      try ONNXImport.parts([0x3A] + Self.varint(nodes.count) + nodes)
    }
  }

  private static func varint(_ value: Int) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + varint(value >> 7)
  }

  @Test("thousands of mutations: refused, or safe to run", arguments: GoldenImport.all)
  func mutations(origin: GoldenImport) throws {
    let bytes = try GoldenImport.bytes(origin.name)
    var (random, refused) = (SplitMix64(seed: 12), 0)
    let rounds = bytes.count > 10_000 ? 60 : 700
    for _ in 0..<rounds {
      do {
        let parts = try ONNXImport.parts(Self.mutated(bytes, &random))
        guard parts.before.operations < 1_000_000 else { continue }
        _ = parts.strangeness(of: [Float](repeating: 0.5, count: parts.before.inputs))
      } catch { refused += 1 }
    }
    #expect(refused > rounds / 10)
  }

  private static func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<1 + random.index(below: 3) {
      let place = random.index(below: bytes.count)
      switch random.index(below: 4) {
      case 0: bytes[place] ^= 1 << UInt8(random.index(below: 8))
      case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][random.index(below: 5)]
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.index(below: 8)))
      default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + random.index(below: 40))], at: place)
      }
      if bytes.isEmpty { bytes = [0] }
    }
    return bytes
  }
}

extension ONNXModel {
  fileprivate mutating func editTree(_ edit: (inout ONNXAttribute) -> Void) {
    guard let node = graph.node.firstIndex(where: { $0.opType == "TreeEnsembleRegressor" }) else { return }
    for index in graph.node[node].attribute.indices { edit(&graph.node[node].attribute[index]) }
  }
}
