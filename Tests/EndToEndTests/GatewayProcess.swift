import Foundation
import TestSupport

/// A real thrumd with a configuration and a state folder of its own, and `thrum` looking at it from outside.
final class GatewayProcess {
  let folder: TemporaryFolder
  private var daemon: ChildProcess?

  /// - Parameter configuration: thrum.toml without `[gateway]`.
  init(_ configuration: String) throws {
    folder = try TemporaryFolder()
    try folder.write("[gateway]\nfleet = \"test\"\nname = \"gw-1\"\n\n" + configuration, to: "thrum.toml")
  }

  var stateFolder: String { folder.path("state") }
  var processID: Int32? { daemon?.processID }
  var isRunning: Bool { daemon?.isRunning ?? false }
  var log: String { (try? String(contentsOfFile: folder.path("log"), encoding: .utf8)) ?? "" }

  func start() throws {
    daemon = try ChildProcess([Self.program("thrumd")], environment: environment, output: folder.path("log"))
  }

  /// SIGTERM, and waits for the end; the exit code.
  @discardableResult
  func stop() -> Int32 {
    daemon?.send(SIGTERM)
    return daemon?.waitUntilExit() ?? 0
  }

  func kill() { daemon?.kill() }

  @discardableResult
  func waitUntilExit() -> Int32 { daemon?.waitUntilExit() ?? 0 }

  /// `thrum ARGUMENTS`: what it printed and its exit code.
  func thrum(_ arguments: String...) throws -> (text: String, status: Int32) {
    let output = folder.path("output-\(UUID().uuidString)")
    let process = try ChildProcess([Self.program("thrum")] + arguments, environment: environment, output: output)
    let status = process.waitUntilExit()
    return (try String(contentsOfFile: output, encoding: .utf8), status)
  }

  func status() -> Status? {
    guard let (text, code) = try? thrum("status", "--json"), code == 0 else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try? decoder.decode(Status.self, from: Data(text.utf8))
  }

  /// Waits until `condition` holds of `thrum status`.
  func eventually(within seconds: Double = 20, _ condition: (Status) -> Bool) -> Status? {
    var last: Status?
    let held = TestSupport.eventually(within: seconds) {
      last = status()
      return last.map(condition) ?? false
    }
    return held ? last : nil
  }

  private var environment: [String: String] {
    ["THRUM_CONFIG": folder.path("thrum.toml"), "THRUM_STATE_DIR": stateFolder, "NO_COLOR": "1"]
  }

  /// A program of this package, beside the test bundle.
  static func program(_ name: String) -> String {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
  }
}

/// The part of `thrum status --json` that the tests look at.
struct Status: Decodable {
  let state: String
  let reasons: [String]
  let points: [Point]
  let unassigned: Ledger
  let store: Store
  let broker: Link

  struct Point: Decodable {
    let machine: String
    let point: String
    let verdict: String
    let isoZone: String?
    let baseline: Baseline
    let ledger: Ledger
    let sequences: [[UInt64]]?
  }
  struct Baseline: Decodable { let state: String }
  struct Store: Decodable { let unsentEvents: Int }
  struct Link: Decodable { let connected: Bool }
  struct Ledger: Decodable {
    let received, analysed, pending, quarantined, duplicate, dropped, missing: Int
    let quarantinedBy: [String: Int]
    var balances: Bool { received == analysed + pending + quarantined + duplicate + dropped }
  }

  var received: Int { points.reduce(0) { $0 + $1.ledger.received } }
}
