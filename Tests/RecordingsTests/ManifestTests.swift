import Foundation
import Signal
import TestSupport
import Testing

@testable import Recordings

@Suite("Manifest")
struct ManifestTests {
  static let shared = repositoryRoot + "/../shared/data/manifest.csv"
  static let downloaded =
    (ProcessInfo.processInfo.environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/thrum/recordings/manifest.csv"

  static let heading = """
    file,dataset,group,machine,point,unit,encoding,scale,sample_rate_hz,snapshots,snapshot_samples,snapshot_interval_s,time_start,rpm,\
    role,label,bpfo_x,bpfi_x,bsf_x,ftf_x
    """

  private func manifest(_ row: String) throws -> Manifest {
    let folder = try TemporaryFolder()
    try Data([1, 0, 2, 0, 3, 0, 4, 0]).write(to: URL(fileURLWithPath: folder.path("a.i16")))
    let manifest = try Manifest(reading: folder.write(Self.heading + "\n" + row + "\n", to: "manifest.csv"))
    for row in manifest.rows { #expect(try manifest.snapshots(of: row) == [[0.5, 1], [1.5, 2]]) }
    return manifest
  }

  @Test("a row says how its file is read, in snapshots")
  func row() throws {
    let text = #"a.i16,D,g,"rig, ""old""",drive end,g,i16le,0.5,25600,2,2,20,60,1800,run,outer,3.2,4.8,2.5,0.4"#
    let row = try #require(try manifest(text).rows.first)
    #expect(row.machine == #"rig, "old""#)
    #expect(row.unit == .gravity && row.role == .run && !row.isHealthy)
    #expect(row.snapshotIntervalSeconds == 20 && row.timeStartSeconds == 60 && row.speedRPM == 1800)
    #expect(row.lines == Manifest.Lines(bpfo: 3.2, bpfi: 4.8, bsf: 2.5, ftf: 0.4))
  }

  @Test("what a row leaves empty is unknown")
  func unknown() throws {
    let row = try #require(try manifest("a.i16,D,g,m,p,g,i16le,0.5,25600,2,2,,,,test,healthy,,,,").rows.first)
    #expect(row.lines == nil && row.speedRPM == nil && row.timeStartSeconds == nil && row.isHealthy)
  }

  @Test(
    "what is wrong is named by row and column",
    arguments: [
      ("a.i16,D,g,m,p,furlong,i16le,1,25600,2,2,,,,test,x,,,,", "row 1, unit: expected a unit, got \"furlong\""),
      ("a.i16,D,g,m,p,g,i16le,1,0,2,2,,,,test,x,,,,", "row 1, sample_rate_hz: expected above 0, got \"0\""),
      ("a.i16,D,g,m,p,g,i16le,1,1,0,2,,,,test,x,,,,", "row 1, snapshots: expected 1 or more, got \"0\""),
      ("a.i16,D,g,m,p,g,i16le,1,1,1,1,,,,exam,x,,,,", "row 1, role: expected a role, got \"exam\""),
      ("a.i16,D,g,m,p,g,i16le,1,1,4611686018427387905,4,,,,test,x,,,,", "expected 4611686018427387905 × 4 samples, got 4"),
      ("a.i16,D", "row 1: expected 20 cells, got 2"), ("\"", "has a quote without end"),
    ])
  func wrong(row: String, reason: String) {
    let error = #expect(throws: RecordingError.self) { try manifest(row) }
    #expect(error?.reason == reason)
  }

  @Test("a table's numbers are its quantities; times and labels are not")
  func table() throws {
    let text = "datetime;A;B;anomaly;changepoint\n2020-03-09 10:14:33;1.5;32;0.0;0.0\n2020-03-09 10:14:34;;33;1.0;1.0\n"
    let table = try LabelledTable(Array(text.utf8))
    #expect(table.names == ["A", "B"])
    #expect(table.rows[0] == [1.5, 32] && table.rows[1][0].isNaN && table.rows[1][1] == 33)
    #expect(table.isAnomalous == [false, true])
    #expect(try LabelledTable(Array("A\n1\n".utf8)).isAnomalous == nil)
  }

  @Test(
    "a table that cannot be read is refused by row and column",
    arguments: [
      ("A;B\n1;2\n1;x\n", "row 2, B: expected a number, got \"x\""), ("A;B\n1;2\n1\n", "row 2: expected 2 cells, got 1"),
      ("A;B\n", "holds no rows"), ("", "has no heading"), ("time;anomaly\nnoon;0\n", "has no column of numbers"),
      ("A\n1\ninf\n", "row 2, A: expected a number, got \"inf\""),
    ])
  func wrongTable(text: String, reason: String) {
    let error = #expect(throws: RecordingError.self) { try LabelledTable(Array(text.utf8)) }
    #expect(error?.reason == reason)
  }

  @Test(
    "the shared recordings are all read", .enabled(if: FileManager.default.fileExists(atPath: shared), "no ../shared/data here"))
  func sharedRecordings() throws { try readAll(Self.shared, atLeast: 30) }

  @Test(
    "the downloaded MFPT recordings are all read",
    .enabled(if: FileManager.default.fileExists(atPath: downloaded), "scripts/recordings was not run here"))
  func downloadedRecordings() throws {
    let manifest = try readAll(Self.downloaded, atLeast: 20)
    #expect(manifest.rows.filter { $0.role == .baseline }.count == 2)
    #expect(manifest.rows.filter { $0.role == .test && $0.isHealthy }.count == 1)
    #expect(manifest.rows.filter { $0.role == .test && !$0.isHealthy }.count == 17)
    #expect(
      manifest.rows.allSatisfy {
        $0.sampleRateHz == 24_414 && $0.lines == Manifest.Lines(bpfo: 3.245, bpfi: 4.755, bsf: 2.5546, ftf: 0.40562)
      })
  }

  @discardableResult
  private func readAll(_ path: String, atLeast count: Int) throws -> Manifest {
    let manifest = try Manifest(reading: path)
    #expect(manifest.rows.count >= count)
    for row in manifest.rows where !row.encoding.hasPrefix("csv") {
      let snapshots = try manifest.snapshots(of: row)
      #expect(snapshots.allSatisfy { $0.allSatisfy(\.isFinite) }, "\(row.file)")
    }
    return manifest
  }
}
