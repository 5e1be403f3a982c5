import Glibc

/// Samples as a file holds them.
package struct Recording: Sendable, Equatable {
  /// Already multiplied by the scale.
  package var samples: [Float]
  /// Only some formats know; `nil` when the file does not say.
  package var sampleRateHz: Double?

  /// - Parameters:
  ///   - scale: value in the wanted unit = number in the file × `scale`; a WAV's full scale counts as 1.
  ///   - channel: from 1 on: channel of a WAV, column of a table, time response of a universal file.
  package init(reading path: String, as format: RecordingFormat, scale: Double = 1, channel: Int = 1) throws(RecordingError) {
    let bytes = try FileBytes.read(path)
    do {
      self = try Self.decoded(bytes, as: format, scale, channel)
    } catch { throw RecordingError(path: path, reason: error.reason) }
    guard !samples.isEmpty else {
      throw RecordingError(path: path, reason: "holds no samples; record again, or say what it is by --format")
    }
  }

  init(samples: [Float], sampleRateHz: Double? = nil) {
    self.samples = samples
    self.sampleRateHz = sampleRateHz
  }

  static func decoded(
    _ bytes: [UInt8], as format: RecordingFormat, _ scale: Double, _ channel: Int
  ) throws(RecordingError) -> Self {
    guard channel == 1 || (channel > 1 && format.hasChannels) else {
      throw RecordingError(
        reason:
          "has no channel \(channel): \(format.hasChannels ? "they count from 1" : "\(format.rawValue) holds one; give --channel 1")"
      )
    }
    return switch format {
    case .f32: Self(samples: try RawSamples.floats(bytes, scale))
    case .i16: Self(samples: try RawSamples.integers(bytes, scale))
    case .csv: Self(samples: try CSVColumn.read(bytes, scale, column: channel))
    case .wav: try WAVFile.read(bytes, scale, channel: channel)
    case .uff58: try UFF58File.read(bytes, scale, channel: channel)
    }
  }
}

/// Headerless files are little-endian, as they are wherever Thrum runs.
package enum RecordingFormat: String, Sendable, CaseIterable {
  case f32, i16, csv, wav, uff58

  /// Also takes what manifests call it, `f32le`, `i16le`, and the extensions of universal files.
  package init?(name: String) {
    switch name {
    case "uff", "unv": self = .uff58
    default: self.init(rawValue: name.hasSuffix("le") ? String(name.dropLast(2)) : name)
    }
  }

  var hasChannels: Bool { self != .f32 && self != .i16 }
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
      throw RecordingError(
        reason: "its \(bytes.count) bytes are not whole samples of \(size); copy it again, or say what it is by --format")
    }
    return bytes.withUnsafeBytes { buffer in
      (0..<bytes.count / size).map { convert(buffer.loadUnaligned(fromByteOffset: $0 * size, as: Element.self)) }
    }
  }
}

package enum FileBytes {
  /// A recording that is larger is not for a gateway.
  static let limit = 1 << 30

  package static func read(_ path: String) throws(RecordingError) -> [UInt8] {
    // Asked before it is opened: opening a pipe waits for who writes to it.
    var status = stat()
    guard stat(path, &status) == 0 else { throw refusal(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw RecordingError(path: path, reason: "is no file; a folder, a pipe or a device cannot be read")
    }
    guard status.st_size <= limit else {
      throw RecordingError(path: path, reason: "has \(status.st_size) bytes, at most \(limit) are read; cut it into parts")
    }
    guard let file = fopen(path, "re") else { throw refusal(path, errno) }
    defer { fclose(file) }
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = size == 0 ? 0 : fread(buffer.baseAddress, 1, size, file)
    }
    guard ferror(file) == 0 else { throw refusal(path, errno) }
    return bytes
  }

  /// The system's word for it, and what to do.
  private static func refusal(_ path: String, _ code: Int32) -> RecordingError {
    let remedy =
      switch code {
      case ENOENT, ENOTDIR, ENAMETOOLONG: "check its path"
      case EACCES, EPERM: "ask its owner for the right to read it"
      default: "copy it to another disk, and look into the system's journal"
      }
    return RecordingError(path: path, reason: "\(String(cString: strerror(code))); \(remedy)")
  }
}
