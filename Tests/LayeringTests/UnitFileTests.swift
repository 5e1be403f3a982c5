import Foundation
import TestSupport
import Testing

@Suite("systemd unit", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"), "no systemd here"))
struct UnitFileTests {
  private static let unit = repositoryRoot + "/systemd/thrumd.service"

  @Test("systemd understands every line of it")
  func verified() throws {
    // Where Thrum is not installed systemd would only say that.
    let installed = try contents(ofFile: Self.unit).replacing("=/usr/bin/thrumd ", with: "=/bin/true ")
    let folder = try TemporaryFolder()
    #expect(try run(["systemd-analyze", "verify", folder.write(installed, to: "thrumd.service")]).isEmpty)
  }

  @Test("its exposure is 1.2 or less")
  func hardened() throws {
    try run(["systemd-analyze", "security", "--offline=true", "--threshold=12", "--no-pager", Self.unit])
  }
}
