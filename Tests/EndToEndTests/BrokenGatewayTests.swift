import Foundation
import TestSupport
import Testing

/// A healthy gateway, broken in one way after another: the doctor names what it is and what to do.
@Suite struct BrokenGatewayTests {
  @Test("a healthy gateway: at least thirty checks in fifteen groups, and none has anything to say")
  func healthy() throws {
    let sick = try SickGateway()
    let findings = try sick.examined()
    let bad = findings.filter { $0.state != "ok" }
    #expect(bad.isEmpty, "\(bad.map { "\($0.check): \($0.words)" })")
    #expect(Set(findings.map(\.check)).count >= 30, "\(Set(findings.map(\.check)).sorted())")
    #expect(Set(findings.map(\.group)).count >= 15, "\(Set(findings.map(\.group)).sorted())")
    let printed = try sick.gateway.thrum("doctor", "--root", sick.system.path, "--unit", "thrumd.service")
    #expect(printed.status == 0 && printed.lines.allSatisfy { $0.count <= 80 || $0.contains("/") }, "\(printed.text)")
  }

  @Test("broken: cause and remedy are named", arguments: Breakage.all)
  func broken(breakage: Breakage) throws {
    let sick = try SickGateway()
    try breakage.apply(sick)
    let found = eventually(within: 15) {
      let findings = (try? sick.examined()) ?? []
      return findings.contains {
        $0.check == breakage.check && $0.state != "ok" && $0.words.contains(breakage.cause)
          && ($0.remedy ?? "").contains(breakage.remedy)
      }
    }
    let seen = try sick.examined()
    #expect(found, "\(seen.filter { $0.state != "ok" }.map { "\($0.check): \($0.words) -> \($0.remedy ?? "")" })")
  }
}
