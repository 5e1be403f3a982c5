import Contracts
import Foundation
import Signal
import Store
import TestSupport
import Testing

/// What `thrum doctor` says of a plane that is there and does not talk to this gateway.
@Suite struct SilentPlaneTests {
  private struct Report: Decodable { let findings: [Finding] }
  private struct Finding: Decodable { let check, state, words: String; let remedy: String? }

  /// - Parameter reason: what the daemon, here this process, wrote of the link.
  private func link(_ reason: String, plane lines: String = "") throws -> Finding {
    let gateway = try GatewayProcess(
      Plant.configuration(broker: "mqtt://127.0.0.1:\(try freePort())")
        + "\n[plane]\nurl = \"mqtt://127.0.0.1:\(try freePort())\"\n\(lines)\n")
    let store = try Store.open(
      folder: gateway.stateFolder,
      settings: StoreSettings(
        origin: .init(fleet: "test", gateway: "gw-1"), version: "0", startedAt: UnixTime(seconds: Date().timeIntervalSince1970),
        binding: [1]))
    var change = Change()
    change.daemon = DaemonState(
      condition: .degraded, reasons: [], broker: .init(connected: true), uplink: .init(connected: false, reason: reason))
    try store.commit(change)
    return try withExtendedLifetime(store) {
      let findings = try gateway.thrum("doctor", "--json").decoded(Report.self).findings
      return try #require(findings.first { $0.check == "plane.link" })
    }
  }

  @Test("a silent plane: the remedy is the key, the one that is configured or the one that is missing")
  func silent() throws {
    let unsigned = try link(StatusReport.Uplink.silent)
    #expect(unsigned.state == "warning" && unsigned.words.contains("silent to the hello of test/gw-1"), "\(unsigned.words)")
    #expect(unsigned.remedy?.contains("set signing_key_file") == true, "\(unsigned.remedy ?? "")")
    let signed = try link(StatusReport.Uplink.silent, plane: "signing_key_file = \"/etc/thrum/gateway.key\"")
    #expect(signed.remedy?.contains("thrum-plane enroll test/gw-1 --public") == true, "\(signed.remedy ?? "")")
    #expect(signed.remedy?.contains("/etc/thrum/gateway.key") == true)
  }

  @Test("a hello that was said just now is waited for")
  func awaited() throws {
    let found = try link(StatusReport.Uplink.awaited)
    #expect(found.remedy?.contains("ask again") == true, "\(found)")
  }
}
