import Crypto
import Glibc
import Signal
import TestSupport
import Testing

@testable import ModelPackages

@Suite("Targets on their way")
struct TargetDownloadTests {
  private let content: [UInt8]
  private let target: TargetFile

  init() throws {
    var random = SplitMix64(seed: 3)
    content = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) }
    target = try Self.target(content)
  }

  private static func target(_ content: [UInt8], length: Int? = nil) throws -> TargetFile {
    let digest = hex(SHA256.hash(data: content))
    let json = #"{"length":\#(length ?? content.count),"hashes":{"sha256":"\#(digest)"}}"#
    return try TargetFile(try Fields(try SignedJSONParser.parse(Array(json.utf8)), .file("target")), path: "models/pump.model")
  }

  @Test("in chunks of any size it is the same file", arguments: [1, 7, 48 << 10])
  func chunks(size: Int) throws {
    var download = try TargetDownload(target)
    var file: [UInt8] = []
    while let (offset, length) = download.next(maxBytes: size) {
      file += try download.take(Array(content[Int(offset)...].prefix(length)), at: offset, of: 5000)
    }
    try download.verify()
    #expect(file == content)
  }

  @Test("a chunk that came before brings nothing, one that overlaps brings what is new")
  func repeated() throws {
    var download = try TargetDownload(target)
    _ = try download.take(Array(content[..<100]), at: 0)
    #expect(try download.take(Array(content[..<100]), at: 0).isEmpty)
    #expect(try download.take(Array(content[50..<150]), at: 50) == content[100..<150])
    _ = try download.take(Array(content[150...]), at: 150)
    try download.verify()
  }

  @Test("a hole, a byte too many, another length: refused, and nothing is taken")
  func refused() throws {
    var download = try TargetDownload(target)
    #expect(kind { _ = try download.take([1], at: 1) } == .mismatch)
    #expect(kind { _ = try download.take([1], at: -1) } == .mismatch)
    #expect(kind { _ = try download.take(content + [0], at: 0) } == .tooLong)
    #expect(kind { _ = try download.take([1], at: 0, of: 4999) } == .mismatch)
    #expect(kind { _ = try download.take([1], at: .max) } == .mismatch)
    #expect(download.received == 0)
    #expect(kind { try download.verify() } == .mismatch)
    let huge = try Self.target([], length: .max)
    #expect(kind { _ = try TargetDownload(huge) } == .tooLong)
  }

  @Test("cut 200 times at random places and started again, it is the right file")
  func resumed() throws {
    let folder = try TemporaryFolder()
    var random = SplitMix64(seed: 9)
    for _ in 0..<200 {
      var path: String?
      while path == nil {
        // Every round is a restart: what is known comes from the folder.
        var staged = try StagedTarget(target, folder: folder.path)
        let cut = Int64.random(in: 1...3000, using: &random)
        while let (offset, length) = staged.download.next(maxBytes: 512), offset < staged.download.received + cut {
          let isTorn = Int.random(in: 0..<4, using: &random) == 0
          let chunk = content[Int(offset)...].prefix(isTorn ? length / 2 : length)
          try staged.take(Array(chunk), at: offset)
          if isTorn { break }
        }
        if staged.download.isComplete { path = try staged.finish() }
      }
      let whole = try #require(path)
      #expect(try DurableFile.read(whole, maxBytes: 10_000) == content)
      unlink(whole)
    }
  }

  @Test("a file that is another in the end is gone, and the next attempt starts anew")
  func wrongContent() throws {
    let folder = try TemporaryFolder()
    let refusal = kind {
      var staged = try StagedTarget(target, folder: folder.path)
      try staged.take(content.map { ~$0 }, at: 0)
      _ = try staged.finish()
    }
    #expect(refusal == .mismatch)
    #expect(try StagedTarget(target, folder: folder.path).download.received == 0)
  }

  @Test("what lies there and is longer than the target is thrown away")
  func foreignRest() throws {
    let folder = try TemporaryFolder()
    try folder.write(String(repeating: "x", count: 6000), to: hex(SHA256.hash(data: content)) + ".part")
    #expect(try StagedTarget(target, folder: folder.path).download.received == 0)
  }

  @Test("no room, or no folder, is said before a byte is asked for")
  func noRoom() throws {
    let folder = try TemporaryFolder()
    #expect(kind { _ = try StagedTarget(target, folder: folder.path, reserveBytes: .max / 2) } == .storage)
    #expect(kind { _ = try StagedTarget(target, folder: folder.path("none")) } == .storage)
  }

  private func kind(_ body: () throws -> Void) -> TrustError.Kind? {
    do {
      try body()
      return nil
    } catch { return (error as? TrustError)?.kind }
  }
}
