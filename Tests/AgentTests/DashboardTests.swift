import Configuration
import Contracts
import Foundation
import Signal
import Store
import TestSupport
import Testing

@testable import Agent

/// What the dashboard and the alert rules ask for is there to be asked.
@Suite("Dashboard and alert rules") struct DashboardTests {
  @Test("they name only figures that the endpoint has", arguments: ["grafana/thrum.json", "prometheus/thrum-alerts.yml"])
  func named(file: String) throws {
    let text = try String(contentsOfFile: "\(repositoryRoot)/config/\(file)", encoding: .utf8)
    let asked = Set(text.matches(of: /\b(?:thrum|process)_\w+(?=[\[{ ])/).map { String($0.output) })
    let exported = try exported()
    #expect(asked.count > 10 && exported.count > 30)
    #expect(asked.subtracting(exported).isEmpty, "\(asked.subtracting(exported).sorted())")
  }

  /// Of a gateway with a plane.
  private func exported() throws -> Set<String> {
    let folder = try TemporaryFolder()
    let store = try Store.open(
      folder: folder.path,
      settings: StoreSettings(
        origin: .init(fleet: "f", gateway: "g"), version: "0", startedAt: UnixTime(seconds: 1), binding: [1]))
    defer { withExtendedLifetime(store) {} }
    let config = try ConfigFile.parse([
      (file: "t", text: "[broker]\nurl = \"mqtt://127.0.0.1\"\n[plane]\nurl = \"mqtt://127.0.0.1\"\n")
    ])
    return try MetricsFigures(config, stateFolder: folder.path, times: VerdictTimes()).figures().names
  }
}
