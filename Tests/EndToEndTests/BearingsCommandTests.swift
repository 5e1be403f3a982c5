import Foundation
import TestSupport
import Testing

/// `thrum bearings`: what a point may name.
@Suite struct BearingsCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func bearings(_ flags: [String]) throws -> Printed { try GatewayProcess("").run("thrum", ["bearings"] + flags) }

  @Test("lines in hertz at a speed, with geometry and source")
  func atSpeed() throws {
    let printed = try bearings(["SKF 6205-2RS", "--rpm", "1797", "--json"])
    let bearing = try #require(try printed.objects().first)
    #expect(bearing["balls"] as? Int == 9 && bearing["confirmed"] as? Bool == true)
    #expect((bearing["source"] as? String)?.contains("Case Western") == true)
    let hz = try #require(bearing["hz"] as? [String: Double])
    #expect(abs((hz["bpfo"] ?? 0) - 107.36) < 0.05 && abs((hz["bpfi"] ?? 0) - 162.19) < 0.05)
    #expect(try bearings(["6205", "--rpm", "1797"]).text.contains("107.36"))
  }

  @Test("the site's own stand beside the catalogue's, and points can name them")
  func own() throws {
    let config = try folder.write(
      """
      [[bearing]]
      name = "fan"
      balls = 11
      ball_mm = 14
      pitch_mm = 80
      contact_deg = 40
      [[machine]]
      name = "m"
      [[machine.point]]
      name = "p"
      bearing = "fan"

      """, to: "thrum.toml")
    let all = try bearings(["--config", config, "--json"]).objects()
    #expect(all.first?["designation"] as? String == "fan" && all.count > 20)
    #expect(try GatewayProcess("").run("thrum", ["config", "check", "--config", config]).status == 0)
  }

  @Test("what nobody knows is refused with a remedy", arguments: [["NU 1005"], ["6205", "--rpm", "0"]])
  func refused(flags: [String]) throws { #expect(try bearings(flags).status != 0) }
}
