import Foundation
import Signal
import TestSupport
import Testing

@testable import Recordings

/// Files that somebody else wrote, damaged at random: nothing may stop the process, and whatever is refused is refused with words.
@Suite("Hostile recordings")
struct HostileRecordingTests {
  private static let rounds = 3000

  private static let seeds: [(format: RecordingFormat, bytes: [UInt8])] = [
    (.wav, wavFile([0, 0.5, -1, -0.25], kind: 1, bytesPerSample: 3, channels: 2)),
    (.wav, wavFile([0, 0.5, -1, -0.25], kind: 3, bytesPerSample: 4, channels: 1)),
    (.csv, Array("volts;amps\n1.5;2e1\n-3;4\n0.001;7\n".utf8)), (.csv, Array("1,2\r\n3,4\r\n\r\n5,6".utf8)),
    (.uff58, UniversalFile.text([0, 1, -2, 3.5, 1e-9, 7, 8])),
    (.uff58, UniversalFile.binary([0, 1, -2, 3.5], isDouble: true, isBigEndian: true)),
    (.f32, bytes([Float(1).bitPattern, Float(-2).bitPattern])), (.i16, bytes([Int16(1), -2, 3])),
  ]

  @Test("a damaged recording is read or refused, and never holds more samples than bytes", arguments: seeds.indices)
  func recordings(seed: Int) throws {
    let (format, whole) = Self.seeds[seed]
    var random = SplitMix64(seed: UInt64(seed))
    var refused = 0
    for _ in 0..<Self.rounds {
      let damaged = random.damaged(whole)
      do throws(RecordingError) {
        let read = try Recording.decoded(damaged, as: format, 1, 1 + random.index(below: 3))
        #expect(read.samples.count <= damaged.count)
      } catch {
        refused += 1
        #expect(!error.reason.isEmpty && error.reason.utf8.count < 300)
      }
    }
    #expect(refused > 0)
  }

  @Test("a damaged manifest is read or refused, and so are its recordings")
  func manifests() throws {
    let folder = try TemporaryFolder()
    let whole = Array(try contents(ofFile: folder.write(Self.manifest, to: "manifest.csv")).utf8)
    try Data([UInt8](repeating: 7, count: 64)).write(to: URL(fileURLWithPath: folder.path("a.i16")))
    var random = SplitMix64(seed: 99)
    for _ in 0..<Self.rounds {
      try Data(random.damaged(whole)).write(to: URL(fileURLWithPath: folder.path("manifest.csv")))
      do throws(RecordingError) {
        let manifest = try Manifest(reading: folder.path("manifest.csv"))
        for row in manifest.rows { _ = try manifest.snapshots(of: row) }
      } catch { #expect(!error.reason.isEmpty) }
    }
  }

  @Test("a damaged table is read or refused: its rows are of one length, with a label each or none")
  func tables() {
    let whole = Array("time;A;B;anomaly\nx;1.5;2;0.0\nx;-3;;1.0\ny;1e9;7;0\n".utf8)
    var random = SplitMix64(seed: 5)
    var refused = 0
    for _ in 0..<Self.rounds {
      do throws(RecordingError) {
        let table = try LabelledTable(random.damaged(whole))
        #expect(!table.names.isEmpty && table.rows.allSatisfy { $0.count == table.names.count })
        #expect(table.isAnomalous.map { $0.count == table.rows.count } ?? true)
      } catch {
        refused += 1
        #expect(!error.reason.isEmpty && error.reason.utf8.count < 300)
      }
    }
    #expect(refused > 0)
  }

  @Test("a manifest that claims more samples than a number can count is refused")
  func tooMany() throws {
    let folder = try TemporaryFolder()
    try Data([UInt8](repeating: 7, count: 64)).write(to: URL(fileURLWithPath: folder.path("a.i16")))
    let claimed = Self.manifest.replacingOccurrences(of: "2,16,1,0", with: "\(Int.max),\(Int.max),1,0")
    let manifest = try Manifest(reading: folder.write(claimed, to: "manifest.csv"))
    #expect(throws: RecordingError.self) { try manifest.snapshots(of: manifest.rows[0]) }
  }

  private static let manifest = """
    file,dataset,group,machine,point,unit,encoding,scale,sample_rate_hz,snapshots,snapshot_samples,snapshot_interval_s,time_start,rpm,role,label,bpfo_x,bpfi_x,bsf_x,ftf_x
    a.i16,d,g,m,p,g,i16le,0.5,1000,2,16,1,0,1800,test,healthy,3.5,5.4,2.3,0.4
    a.i16,d,g,m,p,g,i16le,,1000,1,32,,,,baseline,"outer, small",,,,

    """
}

extension SplitMix64 {
  /// One to four times: a bit turned, a byte set, a piece cut out, doubled or moved, a number made large.
  fileprivate mutating func damaged(_ whole: [UInt8]) -> [UInt8] {
    var bytes = whole
    for _ in 0...index(below: 4) where !bytes.isEmpty {
      let place = index(below: bytes.count)
      let piece = Array(bytes[place..<min(place + 1 + index(below: 24), bytes.count)])
      switch index(below: 6) {
      case 0: bytes[place] ^= 1 << UInt8(index(below: 8))
      case 1: bytes[place] = [0, 0xFF, 0x7F, 0x80, 0x2D, 0x0A][index(below: 6)]
      case 2: bytes.removeSubrange(place..<place + piece.count)
      case 3: bytes.insert(contentsOf: piece, at: place)
      case 4: bytes.insert(contentsOf: piece, at: index(below: bytes.count))
      default:
        bytes.insert(
          contentsOf: Array(["99999999999999999999", "-1", "1e308", "nan", "\n    -1\n"][index(below: 5)].utf8), at: place)
      }
    }
    return bytes
  }
}
