import Testing

@testable import ModelPackages

@Suite("Rollouts")
struct RolloutTests {
  private static let digest = String(repeating: "0f", count: 32)
  private static let text = #"""
    {"format":1,"serial":7,"model":"pumps","version":"1.2.0","package":"models/pumps/1.2.0.thrum","sha256":"\#(digest)",
     "length":200000,"points":["pump-*/drive-end","!pump-9/*"],"state":"running","share_ppm":250000,"canary_points":["pump-7/*"],
     "shadow_windows":200,"canary_windows":500,"gates":{"max_alarm_windows_permille":50,"max_p99_us":20000,"max_bytes":33554432,
     "must_find_confirmed_permille":900}}
    """#

  @Test("are read, and written as they were read")
  func roundTrip() throws {
    let rollout = try Rollout(decoding: Array(Self.text.utf8))
    #expect(rollout.serial == 7 && rollout.firstSerial == 7 && rollout.state == .running && rollout.sharePPM == 250_000)
    #expect(rollout.points.chooses("pump-1/drive-end") && !rollout.points.chooses("pump-9/drive-end"))
    #expect(rollout.gates == Rollout.Gates())
    #expect(try Rollout(decoding: rollout.encoded()) == rollout)
    var later = rollout
    later.serial = 9
    let read = try Rollout(decoding: later.encoded())
    #expect(read == later && read.firstSerial == 7)
  }

  @Test(
    "what is missing, unknown or out of range is refused",
    arguments: [
      (#""serial":7"#, #""serial":0"#), (#""serial":7"#, #""serial":7,"first_serial":8"#), ("250000", "1000001"),
      ("\"running\"", "\"walking\""), ("models/pumps/1.2.0.thrum", "models/pumps/1.3.0.thrum"), ("pump-*/drive-end", "pump-*"),
      ("\"pump-*/drive-end\",", ""), ("\"max_p99_us\":20000,", ""), ("\"format\":1", "\"format\":1,\"minimum_trust\":3"),
      ("900", "1001"), ("200000", "33554433"), ("0f0f", "0F0f"), ("200,", "2e2,"), ("\"pump-7/*\"", "\"pump-[7]/*\""),
    ])
  func refused(_ from: String, _ to: String) {
    let text = Self.text.replacing(from, with: to, maxReplacements: 1)
    #expect(text != Self.text)
    #expect(throws: TrustError.self) { try Rollout(decoding: Array(text.utf8)) }
  }

  @Test("a share takes about so many gateways, and a larger one the same and more")
  func share() throws {
    var rollout = try Rollout(decoding: Array(Self.text.utf8))
    let gateways = (0..<4000).map { "gw-\($0)" }
    func chosen(_ ppm: Int64) -> Set<String> {
      rollout.sharePPM = ppm
      return Set(gateways.filter(rollout.includes))
    }
    let (one, quarter) = (chosen(10_000), chosen(250_000))
    #expect((20...65).contains(one.count) && (900...1100).contains(quarter.count))
    #expect(one.isSubset(of: quarter))
    rollout.serial = 12
    #expect(chosen(250_000) == quarter, "a later serial of the same version asks the same gateways")
    rollout.firstSerial = 12
    #expect(chosen(250_000) != quarter)
    #expect(chosen(0).isEmpty && chosen(1_000_000).count == gateways.count)
  }

  @Test("a gateway's part in it is a matter of its digest alone")
  func knownShare() throws {
    // SHA-256("7|pumps|1.2.0|gw-1") by coreutils' sha256sum begins with b1b4d43e08f77df5.
    var rollout = try Rollout(decoding: Array(Self.text.utf8))
    rollout.sharePPM = 694165
    #expect(!rollout.includes(gateway: "gw-1"))
    rollout.sharePPM = 694165 + 1
    #expect(rollout.includes(gateway: "gw-1"))
  }

  @Test("revoked digests are read, and written as they were read")
  func revoked() throws {
    let revoked = RevokedModels(serial: 3, digests: [Self.digest])
    #expect(try RevokedModels(decoding: revoked.encoded()) == revoked)
    #expect(throws: TrustError.self) {
      try RevokedModels(decoding: Array(#"{"format":1,"serial":3,"digests":["0F"]}"#.utf8))
    }
  }
}

@Suite("Selectors")
struct SelectorTests {
  @Test(
    "choose by machine and point",
    arguments: [
      (["*/*"], "pump-1/de", true), (["pump-*/de"], "pump-1/de", true), (["pump-*/de"], "pump-1/nde", false),
      (["pump-*/de"], "pump-/de", true), (["*-7/*"], "pump-7/de", true), (["*-7/*"], "pump-77/de", false),
      (["pump/de"], "pump/d", false),
      (["!pump-1/*", "*/*"], "pump-1/de", false), (["*/*", "!pump-1/*"], "pump-2/de", true), (["p*p*1/*"], "pump-1/de", true),
      (["*/*"], "pump/de/x", false), (["pümp/é"], "pümp/e\u{301}", false), ([], "pump-1/de", false),
    ] as [([String], String, Bool)])
  func choose(_ patterns: [String], _ point: String, _ chosen: Bool) throws {
    #expect(try #require(Selector(patterns)).chooses(point) == chosen)
  }

  @Test(
    "what is no pattern is refused",
    arguments: ["", "pump", "a/b/c", "/a", "a/", "!", "a?/b", "[a]/b", "a b/c", "!!a/b", "a/\u{1B}"])
  func refused(_ pattern: String) { #expect(Selector(["*/*", pattern]) == nil) }

  @Test("exclusions alone choose nothing, and are refused") func onlyExclusions() { #expect(Selector(["!a/b"]) == nil) }
}
