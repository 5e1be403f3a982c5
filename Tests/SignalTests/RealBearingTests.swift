import Foundation
import Testing

@testable import Signal

/// Recordings of the CWRU test rig beside the repository; nobody's recordings are committed.
@Suite("Real bearings", .enabled(if: RealRecording.areThere, "no recordings in ../shared/data"))
struct RealBearingTests {
  @Test("of eleven faulty bearings seven are named, none wrongly, and no healthy one")
  func named() throws {
    var (right, wrong) = (0, [String]())
    for recording in try RealRecording.all() {
      let fault = FaultLines.name(try recording.lines())
      if fault?.rawValue == recording.label { right += 1 } else if let fault { wrong.append("\(recording.file): \(fault)") }
    }
    #expect(wrong.isEmpty)
    #expect(right >= 7)
  }

  @Test("no check takes a real recording for a broken sensor")
  func sound() throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: RealRecording.folder.path).filter { $0.hasSuffix(".i16") }
    #expect(files.count >= 13)
    for file in files {
      let samples = try RealRecording.samples(of: file, scale: 1)
      // A snapshot of PRONOSTIA.
      for start in stride(from: 0, through: samples.count - 2560, by: 2560) {
        let frame = Frame(
          samples: Array(samples[start..<start + 2560]), unit: .gravity, sampleRateHz: 25600,
          receivedAt: UnixTime(nanoseconds: 0), sampleDigest: UInt64(start))
        let fault = SampleChecks.fault(in: frame, previousDigest: nil)
        if fault != nil { Issue.record("\(file) at \(start): \(fault?.rawValue ?? "")") }
      }
    }
  }
}

private struct RealRecording {
  let file, label: String
  let scale, rateHz, shaftHz: Double
  let multiples: BearingMultiples

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../shared/data")
  static var areThere: Bool { FileManager.default.fileExists(atPath: folder.appendingPathComponent("manifest.csv").path) }

  static func all() throws -> [Self] {
    let manifest = try String(contentsOf: folder.appendingPathComponent("manifest.csv"), encoding: .utf8)
    let rows = manifest.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    let names = rows[0]
    return rows.dropFirst().filter { $0[2] == "CWRU" }.map { row in
      let text = { (name: String) in row[names.firstIndex(of: name) ?? 0] }
      let number = { (name: String) in Double(text(name)) ?? .nan }
      return RealRecording(
        file: text("file"), label: text("label"), scale: number("scale"), rateHz: number("sample_rate_hz"),
        shaftHz: number("rpm") / 60,
        multiples: BearingMultiples(bpfo: number("bpfo_x"), bpfi: number("bpfi_x"), bsf: number("bsf_x"), ftf: number("ftf_x")))
    }
  }

  func samples() throws -> [Float] { try Self.samples(of: file, scale: scale) }

  static func samples(of file: String, scale: Double) throws -> [Float] {
    let data = try Data(contentsOf: Self.folder.appendingPathComponent(file))
    return data.withUnsafeBytes { bytes in
      (0..<bytes.count / 2).map { index in
        Float(Double(Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self))) * scale)
      }
    }
  }

  func lines() throws -> [LineMeasurement] {
    let samples = try samples()
    let analyzer = try BlockAnalyzer(sampleCount: samples.count, sampleRateHz: rateHz)
    let spectrum = samples.withUnsafeBufferPointer { analyzer.envelopeSpectrum($0) }
    return FaultLines.find(in: spectrum, shaftHz: shaftHz, multiples: multiples)
  }
}
