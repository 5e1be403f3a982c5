import TestSupport
import Testing

@testable import Store

@Suite("Room on the disk")
struct StoreUseTests {
  @Test(
    "a store that may grow and finds no room is cramped; one that has all its room, or whose disk cannot be told, is not",
    arguments: [(1000, 0, true), (1000, 100_000, true), (1000, 1_000_000, false), (2000, 0, false), (1000, nil, false)]
      as [(Int, Int?, Bool)])
  func cramped(bytes: Int, freeBytes: Int?, isCramped: Bool) {
    var use = StoreUse(file: "/nowhere")
    (use.bytes, use.freeBytes) = (bytes, freeBytes)
    #expect(use.isCramped(maxBytes: 2000) == isCramped)
  }

  @Test("what a file's disk has left is told")
  func told() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("x", to: "thrum.db")
    #expect((StoreUse(file: file).freeBytes ?? 0) > 0)
  }
}
