import Foundation
import TestSupport
import Testing

@Suite("The demonstration", .enabled(if: isThorough, "scripts/test --all builds a release for it"))
struct DemoTests {
  @Test("the simulated demonstration finds every fault, stays quiet on the healthy, and loses nothing over two kills")
  func simulated() throws {
    let printed = try run([repositoryRoot + "/scripts/demo", "--once", "--simulated"])
    let line = try #require(printed.split(separator: "\n").last { $0.hasPrefix("{") })
    let report = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(report["ok"] as? Bool == true)
    #expect(report["simulated"] as? Bool == true)
    #expect(report["published"] as? Int == report["committed"] as? Int)
    #expect(report["events"] as? Int == report["delivered"] as? Int)
  }
}
