/// How a raw block writes a number: kind, width in bits, order of the bytes.
enum RawEncoding: String, CaseIterable {
  case f32le, f64le, i16le, i24le, i32le
  case f32be, f64be, i16be, i24be, i32be

  var bytesPerSample: Int {
    switch self {
    case .i16le, .i16be: 2
    case .i24le, .i24be: 3
    case .f32le, .f32be, .i32le, .i32be: 4
    case .f64le, .f64be: 8
    }
  }

  /// - Parameter block: whole samples, at any address.
  /// - Returns: number × `scale`, one per sample. 64-bit floats that no 32-bit float can hold are refused; those that are no finite
  ///   number come through, as 32-bit ones do: the checks of the signal decide about them.
  func samples(of block: UnsafeRawBufferPointer, scale: Double) throws(PayloadError) -> [Float] {
    switch self {
    case .f32le where scale == 1: copied(block)
    case .f32le: converted(block, UInt32.self) { Self.float($0, scale) }
    case .f32be: converted(block, UInt32.self) { Self.float($0.byteSwapped, scale) }
    case .f64le: try doubles(block, scale) { $0 }
    case .f64be: try doubles(block, scale) { $0.byteSwapped }
    case .i16le: converted(block, Int16.self) { Float(Double($0) * scale) }
    case .i16be: converted(block, Int16.self) { Float(Double($0.byteSwapped) * scale) }
    case .i24le: triples(block, scale, (0, 1, 2))
    case .i24be: triples(block, scale, (2, 1, 0))
    case .i32le: converted(block, Int32.self) { Float(Double($0) * scale) }
    case .i32be: converted(block, Int32.self) { Float(Double($0.byteSwapped) * scale) }
    }
  }

  @inline(__always) private static func float(_ bits: UInt32, _ scale: Double) -> Float {
    scale == 1 ? Float(bitPattern: bits) : Float(Double(Float(bitPattern: bits)) * scale)
  }

  private func copied(_ block: UnsafeRawBufferPointer) -> [Float] {
    let count = block.count / MemoryLayout<Float>.size
    return [Float](unsafeUninitializedCapacity: count) { samples, initialized in
      UnsafeMutableRawBufferPointer(samples).copyMemory(from: block)
      initialized = count
    }
  }

  /// Every platform Thrum is built for is little-endian, so a load needs no swapping.
  @inline(__always) private func converted<Element: BitwiseCopyable>(
    _ block: UnsafeRawBufferPointer, _: Element.Type, _ convert: (Element) -> Float
  ) -> [Float] {
    let size = MemoryLayout<Element>.size
    let count = block.count / size
    return [Float](unsafeUninitializedCapacity: count) { samples, initialized in
      for index in 0..<count {
        samples.initializeElement(at: index, to: convert(block.loadUnaligned(fromByteOffset: index * size, as: Element.self)))
      }
      initialized = count
    }
  }

  /// - Parameter order: where in a sample the lowest, the middle and the highest byte stand.
  private func triples(_ block: UnsafeRawBufferPointer, _ scale: Double, _ order: (Int, Int, Int)) -> [Float] {
    stride(from: 0, to: block.count, by: 3).map { start in
      // Shifted to the top, so that the shift back carries the sign down.
      let bits =
        UInt32(block[start + order.0]) << 8 | UInt32(block[start + order.1]) << 16 | UInt32(block[start + order.2]) << 24
      return Float(Double(Int32(bitPattern: bits) >> 8) * scale)
    }
  }

  private func doubles(
    _ block: UnsafeRawBufferPointer, _ scale: Double, _ ordered: (UInt64) -> UInt64
  ) throws(PayloadError) -> [Float] {
    var samples: [Float] = []
    samples.reserveCapacity(block.count / 8)
    for start in stride(from: 0, to: block.count, by: 8) {
      let value = Double(bitPattern: ordered(block.loadUnaligned(fromByteOffset: start, as: UInt64.self)))
      let sample = Float(value * scale)
      guard sample.isFinite || !value.isFinite else { throw .malformed("sample \(samples.count) is too large: \(value)") }
      samples.append(sample)
    }
    return samples
  }
}
