import FoundationEssentials

/// A tensor whose numbers are known: weights, or what an operator is told by an input.
struct Constant: Equatable {
  var dims: [Int]
  /// Integers as well, where they are exact.
  var numbers: [Float]
  /// `nil` for floating point.
  var integers: [Int]?

  static let mostNumbers = 1 << 23

  /// - Throws: for data in other files, other types than float, double, int32, int64, a wrong count, and numbers that are not finite.
  init(_ tensor: ONNXTensor) throws(ONNXError) {
    let object = "tensor '\(tensor.name.prefix(80))'"
    guard tensor.externalData.isEmpty, tensor.dataLocation == 0 else {
      throw ONNXError(object, "keeps its numbers in another file; save the model with all data inside")
    }
    (numbers, integers) = ([], nil)
    dims = try Self.dims(tensor, object)
    let count = dims.reduce(1, *)
    switch TensorElement(rawValue: tensor.dataType) {
    case .float: numbers = try Self.floats(tensor, count, object)
    case .double:
      numbers = try Self.raw(tensor, count, object, as: UInt64.self, or: tensor.doubleData.map(\.bitPattern)).map {
        Float(Double(bitPattern: $0))
      }
    case .int64: integers = try Self.raw(tensor, count, object, as: Int64.self, or: tensor.int64Data).map { Int($0) }
    case .int32: integers = try Self.raw(tensor, count, object, as: Int32.self, or: tensor.int32Data).map { Int($0) }
    case .bool, nil: throw ONNXError(object, "holds elements of type \(tensor.dataType); expected float, double, int32 or int64")
    }
    if let integers { numbers = integers.map { Float($0) } }
    guard numbers.allSatisfy(\.isFinite) else { throw ONNXError(object, "holds a number that is not finite") }
  }

  init(dims: [Int], numbers: [Float], integers: [Int]? = nil) {
    (self.dims, self.numbers, self.integers) = (dims, numbers, integers)
  }

  private static func dims(_ tensor: ONNXTensor, _ object: String) throws(ONNXError) -> [Int] {
    guard tensor.dims.count <= 8 else { throw ONNXError(object, "has \(tensor.dims.count) dimensions; expected at most 8") }
    var product = 1
    for dim in tensor.dims {
      guard (0...Int64(mostNumbers)).contains(dim) else {
        throw ONNXError(object, "a dimension of \(dim); expected 0 to \(mostNumbers)")
      }
      product *= Int(dim)
      guard product <= mostNumbers else { throw ONNXError(object, "more than \(mostNumbers) numbers") }
    }
    return tensor.dims.map(Int.init)
  }

  private static func floats(_ tensor: ONNXTensor, _ count: Int, _ object: String) throws(ONNXError) -> [Float] {
    try raw(tensor, count, object, as: UInt32.self, or: tensor.floatData.map(\.bitPattern)).map { Float(bitPattern: $0) }
  }

  /// Either the raw bytes, little-endian, or the field of the type.
  private static func raw<Number: FixedWidthInteger>(
    _ tensor: ONNXTensor, _ count: Int, _ object: String, as type: Number.Type, or typed: [Number]
  ) throws(ONNXError) -> [Number] {
    let size = MemoryLayout<Number>.size
    let stored = typed.isEmpty ? tensor.rawData.count : typed.count * size
    guard stored == count * size, typed.isEmpty || tensor.rawData.isEmpty else {
      throw ONNXError(object, "holds \(stored) bytes where \(count) numbers of \(size) must stand")
    }
    if !typed.isEmpty { return typed }
    return tensor.rawData.withUnsafeBytes { bytes in
      (0..<count).map { Number(littleEndian: bytes.loadUnaligned(fromByteOffset: size * $0, as: Number.self)) }
    }
  }
}
