import Foundation
import TestSupport
import Testing

@testable import Recordings

@Suite("Recordings")
struct RecordingFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path("file")))
    return folder.path("file")
  }

  private func refusal(_ bytes: [UInt8], _ format: RecordingFormat) throws -> String? {
    let path = try file(bytes)
    do { _ = try Recording(reading: path, as: format) } catch { return error.description.replacing(path, with: "FILE") }
    return nil
  }

  @Test("a pipe that nobody writes to is refused at once", .timeLimit(.minutes(1)))
  func pipe() throws {
    let path = folder.path("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: RecordingError.self) { try Recording(reading: path, as: .f32) }
  }

  @Test("raw floats and integers, scaled")
  func raw() throws {
    let floats = try file(bytes([Float(1.5).bitPattern, Float(-2).bitPattern]))
    #expect(try Recording(reading: floats, as: .f32, scale: 2) == Recording(samples: [3, -4]))
    let integers = try file(bytes([Int16(1), -32768, 32767]))
    #expect(try Recording(reading: integers, as: .i16, scale: 0.5).samples == [0.5, -16384, 16383.5])
  }

  @Test(
    "the first column of a table, with or without a heading",
    arguments: ["1.5\n-2e1\n", "volts\n1.5,9\r\n-20;x\r\n\n", " 1.5\t0\n-20"])
  func csv(text: String) throws {
    #expect(try Recording(reading: try file(Array(text.utf8)), as: .csv, scale: 10).samples == [15, -200])
  }

  @Test(
    "a WAV of any width gives its rate and its first channel, full scale as 1", arguments: [(1, 2), (1, 3), (1, 4), (3, 4)],
    [1, 2])
  func wav(form: (kind: Int, bytes: Int), channels: Int) throws {
    let values = [0, 0.5, -1, -0.25]
    let path = try file(wavFile(values, kind: form.kind, bytesPerSample: form.bytes, channels: channels))
    #expect(try Recording(reading: path, as: .wav, scale: 4) == Recording(samples: [0, 2, -4, -1], sampleRateHz: 48_000))
  }

  @Test("a WAV that was cut off, or whose frames are not as long as their samples, is refused; one without a length is not")
  func lyingHeaders() throws {
    let whole = wavFile([0, 0.5, -1, -0.25], kind: 1, bytesPerSample: 2, channels: 1)
    #expect(try refusal(whole.dropLast(4), .wav)?.contains("cut off") == true)
    let length = try #require(whole.indices.dropLast(3).first { whole[$0...].starts(with: Array("data".utf8)) }) + 4
    var endless = whole
    endless.replaceSubrange(length..<length + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(try refusal(endless, .wav) == nil)
    var padded = whole
    let align = try #require(whole.indices.dropLast(3).first { whole[$0...].starts(with: Array("fmt ".utf8)) }) + 8 + 12
    padded[align] = 4
    #expect(try refusal(padded, .wav)?.contains("4 bytes a frame, expected 2") == true)
  }

  @Test("a byte order mark is no heading, nor is a first number that is none; blanks join no numbers")
  func markedTables() throws {
    #expect(try Recording(reading: try file([0xEF, 0xBB, 0xBF] + Array("1.5\n-2\n".utf8)), as: .csv).samples == [1.5, -2])
    #expect(try refusal(Array("nan\n1\n".utf8), .csv)?.contains("line 1") == true)
    #expect(try refusal(Array("0 0.456\n1 0.5\n".utf8), .csv)?.contains("line 2") == true)
  }

  @Test("a channel is a WAV's channel and a table's column, whatever separates it; raw files hold one")
  func channels() throws {
    let wav = try file(wavFile([0.5, -1], kind: 1, bytesPerSample: 2, channels: 2))
    let noise = Float(0x5555) / 32768
    #expect(try Recording(reading: wav, as: .wav, channel: 2).samples == [noise, noise])
    #expect(throws: RecordingError(path: wav, reason: "has 2 channels, wanted 3; give --channel 1 to 2")) {
      try Recording(reading: wav, as: .wav, channel: 3)
    }
    for text in ["a,b\n1,2\n3,4", "1;2;x\n3;4;y\n", "1\t2\r\n3\t4\r\n"] {
      let table = try file(Array(text.utf8))
      #expect(try Recording(reading: table, as: .csv, channel: 2).samples == [2, 4])
      #expect(throws: RecordingError.self) { try Recording(reading: table, as: .csv, channel: 4) }
      #expect(throws: RecordingError.self) { try Recording(reading: table, as: .csv, channel: 0) }
    }
    let raw = try file(bytes([Int16(1), 2]))
    #expect(throws: RecordingError(path: raw, reason: "has no channel 2: i16 holds one; give --channel 1")) {
      try Recording(reading: raw, as: .i16, channel: 2)
    }
  }

  @Test("a decimal comma is refused rather than cut off")
  func decimalComma() throws {
    #expect(try refusal(Array("1,5;2\n2,5;3\n".utf8), .csv) == "read FILE: line 2: expected a number, got \"2,5\"\(Self.column)")
  }

  @Test("a WAV header that promises gigabytes or odd widths gives what is there, or is refused")
  func hostileWAV() throws {
    var whole = wavFile([0.5, 0.5], kind: 1, bytesPerSample: 2, channels: 1)
    let size = try #require(whole.firstRange(of: Array("data".utf8))).upperBound
    whole.replaceSubrange(size..<size + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(try Recording(reading: try file(whole), as: .wav).samples == [0.5, 0.5])
    let bits = try #require(whole.firstRange(of: Array("fmt ".utf8))).upperBound + 4 + 14
    whole[bits] = 20
    #expect(
      try refusal(whole, .wav) == "read FILE: expected PCM of 16, 24 or 32 bits or 32-bit floats; convert it to one of them")
  }

  @Test("a table of numbers for NumPy begins at a multiple of 64, and gives its shape")
  func numpy() {
    let file = NPYFile.bytes(columns: [[0, 1, 2], [3, 4, 5]])
    #expect(file.count == 128 + 48 && file[127] == 0x0A && Array(file.prefix(8)) == [0x93, 78, 85, 77, 80, 89, 1, 0])
    #expect(String(decoding: file[10..<127], as: UTF8.self).contains("'shape': (3, 2)"))
    #expect(Array(file.suffix(8)) == bytes([Double(5).bitPattern]))
  }

  @Test("a WAV cut anywhere is refused")
  func truncatedWAV() throws {
    let whole = wavFile([0.5, 0.5], kind: 1, bytesPerSample: 2, channels: 1)
    for count in 0..<whole.count { #expect(try refusal(Array(whole.prefix(count)), .wav) != nil, "\(count) bytes") }
    #expect(try refusal(whole, .wav) == nil)
  }

  @Test("lines may end with line feeds, with carriage returns, or with both", arguments: ["\n", "\r", "\r\n"], ["", "mm/s"])
  func lineEnds(end: String, heading: String) throws {
    let text = ([heading, "1.5,7", "-2,8", "3,9"].filter { !$0.isEmpty }).joined(separator: end) + end
    #expect(try Recording(reading: try file(Array(text.utf8)), as: .csv).samples == [1.5, -2, 3])
    #expect(try CSVTable(Array("a,b\(end)1,2\(end)3,4".utf8)).rows == [["1", "2"], ["3", "4"]])
  }

  @Test("a WAV whose header has no rate says none, and its samples are there")
  func noRate() throws {
    var whole = wavFile([0.5, -1], kind: 1, bytesPerSample: 2, channels: 1)
    let rate = try #require(whole.firstRange(of: Array("fmt ".utf8))).upperBound + 4 + 4
    whole.replaceSubrange(rate..<rate + 4, with: [0, 0, 0, 0])
    #expect(try Recording(reading: try file(whole), as: .wav) == Recording(samples: [0.5, -1]))
  }

  private static let column = "; choose a column of numbers by --channel, decimals with a point"

  @Test("what cannot be used is refused with its reason")
  func refused() throws {
    #expect(
      try refusal([1, 2, 3], .f32)
        == "read FILE: its 3 bytes are not whole samples of 4; copy it again, or say what it is by --format")
    #expect(try refusal([], .i16) == "read FILE: holds no samples; record again, or say what it is by --format")
    #expect(try refusal(Array("1\ntwo\n".utf8), .csv) == "read FILE: line 2: expected a number, got \"two\"\(Self.column)")
    #expect(try refusal(Array("1\nnan\n".utf8), .csv) == "read FILE: line 2: expected a number, got \"nan\"\(Self.column)")
    #expect(try refusal(Array("RIFX".utf8), .wav) == "read FILE: is no WAV file; say what it is by --format")
    let error = #expect(throws: RecordingError.self) { try Recording(reading: "/nowhere", as: .f32) }
    #expect(error?.description == "read /nowhere: No such file or directory; check its path")
    let ofFolder = #expect(throws: RecordingError.self) { try Recording(reading: folder.path, as: .f32) }
    #expect(ofFolder?.description.contains("is no file; a folder") == true)
  }
}

/// Little-endian bytes of each value in turn.
func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
  values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}

/// A WAV at 48 kHz with a chunk in front that nobody knows; all channels but the first hold noise.
func wavFile(_ values: [Double], kind: Int, bytesPerSample: Int, channels: Int) -> [UInt8] {
  let data = values.flatMap { value -> [UInt8] in
    let raw = kind == 3 ? Int32(bitPattern: Float(value).bitPattern) : Int32(value * Double(1 << (8 * bytesPerSample - 1)))
    return Array(bytes([raw]).prefix(bytesPerSample)) + [UInt8](repeating: 0x55, count: (channels - 1) * bytesPerSample)
  }
  let form =
    bytes([UInt16(kind), UInt16(channels)]) + bytes([UInt32(48_000), 0])
    + bytes([UInt16(channels * bytesPerSample), UInt16(8 * bytesPerSample)])
  func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    Array(name.utf8) + bytes([UInt32(body.count)]) + body + [UInt8](repeating: 0, count: body.count % 2)
  }
  let body = Array("WAVE".utf8) + chunk("LIST", [1, 2, 3]) + chunk("fmt ", form) + chunk("data", data)
  return chunk("RIFF", body)
}
