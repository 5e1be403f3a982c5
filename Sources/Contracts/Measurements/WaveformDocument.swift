import Anomaly
import Crypto
import FoundationEssentials
import Signal

/// A waveform with its spectrum as it is kept and sent: a JSON line that describes it, then the samples as little-endian 16-bit
/// numbers; compressed, and sealed where there is a key. Samples are rounded to 1/32,767 of the largest.
package struct WaveformDocument: Sendable, Equatable {
  package struct Description: Sendable, Codable, Equatable {
    package var point: String
    /// `alarm`, `warning`, `recovered`, `healthy`, `asked`.
    package var cause: String
    /// Of the last sample.
    package var time: UnixTime
    package var sampleRateHz: Double
    /// UCUM.
    package var unit: String
    package var sampleCount: Int
    /// Of one step of the numbers, in `unit`.
    package var step: Double
    package var speedRpm: Double?
    package var spectrum: Explanation.EnvelopeSpectrum?
  }

  package var description: Description
  package var samples: [Float]

  package init(_ snapshot: WaveformSnapshot) {
    let peak = snapshot.samples.reduce(Float(0)) { max($0, abs($1)) }
    description = Description(
      point: snapshot.point.description, cause: snapshot.cause.rawValue, time: snapshot.time, sampleRateHz: snapshot.sampleRateHz,
      unit: snapshot.unit.rawValue, sampleCount: snapshot.samples.count, step: peak > 0 ? Double(peak) / 32_767 : 1,
      speedRpm: snapshot.speedRPM, spectrum: snapshot.spectrum)
    samples = snapshot.samples
  }

  // MARK: bytes

  package var encoded: [UInt8] {
    let numbers = samples.flatMap { sample in
      let steps = (Double(sample) / description.step).rounded()
      let number = Int16(max(-32_767, min(32_767, steps.isFinite ? steps : 0)))
      return [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
    }
    return JSON.encode(description) + [UInt8(ascii: "\n")] + numbers
  }

  package init(decoding bytes: [UInt8]) throws(PlaneMessageError) {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { throw .malformed("a waveform without its description") }
    do { description = try JSON.decode(Description.self, from: bytes[..<end]) } catch { throw .malformed("\(error)") }
    let numbers = bytes[(end + 1)...]
    guard description.sampleCount >= 0, numbers.count == 2 * description.sampleCount, description.step.isFinite else {
      throw .malformed("a waveform of \(numbers.count) bytes that should have \(description.sampleCount) samples")
    }
    let (start, step) = (numbers.startIndex, description.step)
    samples = (0..<description.sampleCount).map {
      let word = UInt16(numbers[start + 2 * $0]) | UInt16(numbers[start + 2 * $0 + 1]) << 8
      return Float(Double(Int16(bitPattern: word)) * step)
    }
  }

  /// A description, and 2²⁰ samples.
  package static let mostBytes = 3 << 20
}

/// How a document lies on the disk and travels: one zstd frame, in an AES-256-GCM box (nonce, text, tag) where there is a key.
package enum WaveformBox {
  package enum Codec: String, Sendable, Codable {
    case zstd
    case sealed = "zstd+aes-256-gcm"
  }

  /// Bytes of a key.
  package static let keyBytes = 32

  /// A key as a file holds it: raw, or in hexadecimal; `nil` for anything else.
  package static func key(_ bytes: [UInt8]) -> [UInt8]? {
    if bytes.count == keyBytes { return bytes }
    let digits = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined().lowercased()
    return ChainHash(hex: digits).flatMap { $0.bytes.count == keyBytes ? $0.bytes : nil }
  }

  /// - Parameters:
  ///   - key: `keyBytes` long; `nil`: not sealed.
  ///   - name: of the evidence; a box under another name does not open.
  package static func close(_ document: [UInt8], key: [UInt8]?, name: String) -> (codec: Codec, bytes: [UInt8])? {
    guard let frame = Zstd.compress(document, mustShrink: false) else { return nil }
    guard let key else { return (.zstd, frame) }
    let box = try? AES.GCM.seal(frame, using: SymmetricKey(data: key), authenticating: Array(name.utf8))
    return box?.combined.map { (.sealed, Array($0)) }
  }

  package static func open(_ bytes: [UInt8], codec: Codec, key: [UInt8]?, name: String) throws(PlaneMessageError) -> [UInt8] {
    var frame = bytes
    if codec == .sealed {
      guard let key, key.count == keyBytes else { throw .malformed("\(name) is sealed: its key is needed, \(keyBytes) bytes") }
      guard let box = try? AES.GCM.SealedBox(combined: bytes),
        let opened = try? AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: Array(name.utf8))
      else { throw .malformed("\(name) does not open with this key, or was changed") }
      frame = Array(opened)
    }
    guard let document = Zstd.decompress(frame, most: WaveformDocument.mostBytes) else {
      throw .malformed("\(name) is no zstd frame of at most \(WaveformDocument.mostBytes) bytes")
    }
    return document
  }
}

/// A piece of a box, small enough not to make an alarm wait on a thin link.
package struct WaveformPart: Sendable, Codable, Equatable {
  package static let evidenceType = "org.thrum.evidence.v1"
  package static let sampleType = "org.thrum.sample.waveform.v1"

  /// The id of the event that carries the first part.
  package var evidence: String
  package var cause: String
  /// 1 to `of`.
  package var part: Int
  package var of: Int
  package var codec: WaveformBox.Codec
  /// Of the box.
  package var sha256: ChainHash
  /// Base64.
  package var content: String

  /// Parts of at most 12 KiB as lines, their CloudEvent's attributes included.
  package static func parts(of box: [UInt8], codec: WaveformBox.Codec, evidence: String, cause: String) -> [WaveformPart] {
    let digest = ChainHash(unchecked: Array(SHA256.hash(data: box)))
    let count = max(1, (box.count + mostBytes - 1) / mostBytes)
    return (0..<count).map { index in
      let piece = box[min(box.count, index * mostBytes)..<min(box.count, (index + 1) * mostBytes)]
      return WaveformPart(
        evidence: evidence, cause: cause, part: index + 1, of: count, codec: codec, sha256: digest,
        content: Data(piece).base64EncodedString())
    }
  }

  private static let mostBytes = 8400

  /// What all parts of one box make together.
  package static func join(_ parts: [WaveformPart]) throws(PlaneMessageError) -> (codec: WaveformBox.Codec, box: [UInt8]) {
    // What was asked for may be there twice.
    let parts = Dictionary(parts.map { ($0.part, $0) }) { first, _ in first }.values.sorted { $0.part < $1.part }
    guard let first = parts.first, parts.map(\.part) == Array(1...max(1, first.of)),
      parts.allSatisfy({ $0.of == first.of && $0.codec == first.codec && $0.sha256 == first.sha256 })
    else { throw .malformed("\(parts.count) of \(parts.first?.of ?? 0) parts are there") }
    let box = parts.flatMap { Array(Data(base64Encoded: $0.content) ?? Data()) }
    guard Array(SHA256.hash(data: box)) == first.sha256.bytes else {
      throw .malformed("the parts of \(first.evidence) do not make what was sent")
    }
    return (first.codec, box)
  }
}

/// Feature vectors of healthy windows, for training: one row a window.
package struct FeatureSample: Sendable, Codable, Equatable {
  package static let type = "org.thrum.sample.features.v1"

  package var features: [String]
  package var windows: Int
  /// Number of the first window within its point's baseline.
  package var firstIndex: Int
  /// Revolutions per minute, where measured.
  package var speedRpm: [Double?]
  /// Base64 of little-endian float32, window after window.
  package var values: String

  /// In parts that each keep well below what an item may have.
  package static func parts(_ windows: [BaselineWindow], names: [String]) -> [FeatureSample] {
    let most = max(1, 6000 / max(1, 4 * names.count))
    return stride(from: 0, to: windows.count, by: most).map { start in
      let share = windows[start..<min(windows.count, start + most)]
      let bytes = share.flatMap {
        $0.features.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
      }
      return FeatureSample(
        features: names, windows: share.count, firstIndex: share.first?.index ?? 0, speedRpm: share.map(\.speedRPM),
        values: Data(bytes).base64EncodedString())
    }
  }
}
