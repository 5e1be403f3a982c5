import FoundationEssentials
import SwiftProtobuf

/// The bytes of an ONNX file, looked at before anything is made of them.
enum ONNXFile {
  /// Larger models are not for a gateway.
  static let mostBytes = 32 << 20
  /// Parts of messages, each of which costs memory when it is decoded.
  static let mostParts = 1 << 20

  static func decoded(_ bytes: [UInt8]) throws(ONNXError) -> ONNXModel {
    guard bytes.count <= mostBytes else { throw ONNXError("file", "\(bytes.count) bytes; expected at most \(mostBytes)") }
    guard let parts = WireCensus.count(bytes) else { throw ONNXError("file", "is no ONNX file, or cut short") }
    guard parts <= mostParts else { throw ONNXError("file", "holds more than \(mostParts) parts") }
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    options.messageDepthLimit = 10
    do { return try ONNXModel(serializedBytes: bytes, options: options) } catch {
      throw ONNXError("file", "is no ONNX file, or cut short")
    }
  }

  static func encoded(_ model: ONNXModel) throws(ONNXError) -> [UInt8] {
    do { return try model.serializedBytes() } catch { throw ONNXError(.export, "model", "\(error)") }
  }
}

/// Counts the fields of a model's graph without making anything of them: two bytes in a file can cost a hundred in memory.
enum WireCensus {
  /// Where a message lies within another, by field numbers: model.graph, and in it node, initializer, input and output; node.attribute.
  private static let graph: [UInt64: [UInt64]] = [0: [7], 1: [1, 5, 11, 12], 2: [5]]

  /// - Returns: the fields as far as attributes reach, their numbers not counted; `nil` when the bytes are not messages.
  static func count(_ bytes: [UInt8]) -> Int? { count(bytes[...], level: 0) }

  private static func count(_ bytes: ArraySlice<UInt8>, level: UInt64) -> Int? {
    var (position, parts) = (bytes.startIndex, 0)
    while position < bytes.endIndex {
      guard let (key, afterKey) = varint(bytes, position), key >> 3 > 0, key >> 3 < 1 << 29 else { return nil }
      let length: Int
      position = afterKey
      switch key & 7 {
      case 0:
        guard let (_, next) = varint(bytes, position) else { return nil }
        length = next - position
      case 1: length = 8
      case 5: length = 4
      case 2:
        guard let (size, next) = varint(bytes, position), size <= UInt64(bytes.endIndex - next) else { return nil }
        (position, length) = (next, Int(size))
        if graph[level]?.contains(key >> 3) == true {
          guard let inner = count(bytes[position..<position + length], level: level + 1) else { return nil }
          parts += inner
        }
      default: return nil
      }
      guard length <= bytes.endIndex - position else { return nil }
      position += length
      // An attribute's numbers, packed or not, cost what they say.
      if !(level == 3 && (key >> 3 == 7 || key >> 3 == 8)) { parts += 1 }
    }
    return parts
  }

  private static func varint(_ bytes: ArraySlice<UInt8>, _ start: Int) -> (UInt64, Int)? {
    var (value, position, shift) = (UInt64(0), start, UInt64(0))
    while position < bytes.endIndex, shift < 64 {
      value |= UInt64(bytes[position] & 0x7F) << shift
      position += 1
      if bytes[position - 1] < 0x80 { return (value, position) }
      shift += 7
    }
    return nil
  }
}
