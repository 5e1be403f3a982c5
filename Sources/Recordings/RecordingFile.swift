import Glibc

/// Samples as a file holds them.
package struct Recording: Sendable, Equatable {
  /// Already multiplied by the scale.
  package var samples: [Float]
  /// Only some formats know; `nil` when the file does not say.
  package var sampleRateHz: Double?

  /// - Parameter scale: value in the wanted unit = number in the file × `scale`; a WAV's full scale counts as 1.
  package init(reading path: String, as format: RecordingFormat, scale: Double = 1) throws(RecordingError) {
    let bytes = try FileBytes.read(path)
    do {
      self = try Self.decoded(bytes, as: format, scale)
    } catch { throw RecordingError(path: path, reason: error.reason) }
    guard !samples.isEmpty else { throw RecordingError(path: path, reason: "holds no samples") }
  }

  init(samples: [Float], sampleRateHz: Double? = nil) {
    self.samples = samples
    self.sampleRateHz = sampleRateHz
  }

  private static func decoded(_ bytes: [UInt8], as format: RecordingFormat, _ scale: Double) throws(RecordingError) -> Self {
    switch format {
    case .f32: Self(samples: try RawSamples.floats(bytes, scale))
    case .i16: Self(samples: try RawSamples.integers(bytes, scale))
    case .csv: Self(samples: try CSVColumn.read(bytes, scale))
    case .wav: try WAVFile.read(bytes, scale)
    }
  }
}

/// Headerless files are little-endian, as they are wherever Thrum runs.
package enum RecordingFormat: String, Sendable, CaseIterable {
  case f32, i16, csv, wav

  /// Also takes what manifests call it: `f32le`, `i16le`.
  package init?(name: String) { self.init(rawValue: name.hasSuffix("le") ? String(name.dropLast(2)) : name) }
}

package struct RecordingError: Error, Equatable, CustomStringConvertible {
  package var path = ""
  package var reason: String

  package var description: String { "read \(path): \(reason)" }
}

enum RawSamples {
  static func floats(_ bytes: [UInt8], _ scale: Double) throws(RecordingError) -> [Float] {
    try values(bytes, Float.self) { Float(Double($0) * scale) }
  }

  static func integers(_ bytes: [UInt8], _ scale: Double) throws(RecordingError) -> [Float] {
    try values(bytes, Int16.self) { Float(Double($0) * scale) }
  }

  private static func values<Element: BitwiseCopyable>(
    _ bytes: [UInt8], _: Element.Type, _ convert: (Element) -> Float
  ) throws(RecordingError) -> [Float] {
    let size = MemoryLayout<Element>.size
    guard bytes.count.isMultiple(of: size) else {
      throw RecordingError(reason: "its \(bytes.count) bytes are not whole samples of \(size)")
    }
    return bytes.withUnsafeBytes { buffer in
      (0..<bytes.count / size).map { convert(buffer.loadUnaligned(fromByteOffset: $0 * size, as: Element.self)) }
    }
  }
}

enum FileBytes {
  /// A recording that is larger is not for a gateway.
  static let limit = 1 << 30

  static func read(_ path: String) throws(RecordingError) -> [UInt8] {
    guard let file = fopen(path, "re") else { throw RecordingError(path: path, reason: String(cString: strerror(errno))) }
    defer { fclose(file) }
    var status = stat()
    guard fstat(fileno(file), &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
      throw RecordingError(path: path, reason: "expected a file of at most \(limit) bytes")
    }
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = size == 0 ? 0 : fread(buffer.baseAddress, 1, size, file)
    }
    guard ferror(file) == 0 else { throw RecordingError(path: path, reason: String(cString: strerror(errno))) }
    return bytes
  }
}
