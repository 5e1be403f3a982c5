import Foundation
import TestSupport
import Testing

@testable import Store

/// Databases that were set aside after damage.
@Suite struct SetAsideTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for number in [1, 2, 3, 11] {
      try Data(count: 100_000).write(to: URL(filePath: folder.path("thrum.db.aside-\(number)")))
      try Data(count: 50_000).write(to: URL(filePath: folder.path("thrum.db.aside-\(number)-wal")))
    }
  }

  var path: String { folder.path("thrum.db") }
  func names(_ numbers: Int...) -> [String] { numbers.map { "\(path).aside-\($0)" } }

  @Test("the oldest go when they take more than they may together, the newest stays; what went is told")
  func bounded() throws {
    #expect(Replacement.setAside(path) == names(1, 2, 3, 11))
    #expect(try Replacement.bound(path, to: 1_000_000) == [])
    #expect(try Replacement.bound(path, to: 350_000) == names(1, 2))
    #expect(Replacement.setAside(path) == names(3, 11))
    #expect(!FileManager.default.fileExists(atPath: names(1)[0] + "-wal"))
    #expect(try Replacement.bound(path, to: 1) == names(3))
    #expect(Replacement.setAside(path) == names(11))
  }

  @Test("however small they are, eight stay")
  func count() throws {
    for number in 12...20 { try Data(count: 10).write(to: URL(filePath: folder.path("thrum.db.aside-\(number)"))) }
    #expect(try Replacement.bound(path, to: .max).count == 5)
    #expect(Replacement.setAside(path) == names(13, 14, 15, 16, 17, 18, 19, 20))
  }

  @Test("a number is never used again while a later one is there")
  func numbers() throws {
    _ = try Replacement.bound(path, to: 1)
    #expect(Replacement.aside(path) == "\(path).aside-12")
  }
}
