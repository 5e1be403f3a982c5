import Foundation
import TestSupport

/// A real thrumd with a configuration and a state folder of its own, and `thrum` looking at it from outside.
final class GatewayProcess {
  let folder: TemporaryFolder
  private var daemon: ChildProcess?
  private var starts = 0
  private let extraEnvironment: [String: String]

  /// - Parameter configuration: thrum.toml without `[gateway]`.
  init(_ configuration: String, environment: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    extraEnvironment = environment
    try configure(configuration)
  }

  deinit { kill() }

  /// Replaces the configuration; it holds from the next start on.
  func configure(_ configuration: String) throws {
    try folder.write("[gateway]\nfleet = \"test\"\nname = \"gw-1\"\n\n" + configuration, to: "thrum.toml")
  }

  var stateFolder: String { folder.path("state") }
  var database: String { stateFolder + "/thrum.db" }
  var processID: Int32? { daemon?.processID }
  var isRunning: Bool { daemon?.isRunning ?? false }
  /// Everything that thrumd wrote, over all its starts.
  var log: String { (try? contents(ofFile: folder.path("log"))) ?? "" }

  func start() throws {
    starts += 1
    daemon = try ChildProcess([Self.program("thrumd")], environment: environment, output: folder.path("log"))
  }

  /// Starts and waits until the broker has taken the subscriptions.
  func startConnected() throws {
    try start()
    guard logs(Self.readyLine, times: starts), eventually({ $0.broker.connected }) != nil else {
      throw TestSupportError("thrumd does not connect:\n\(log)")
    }
  }

  /// SIGHUP: the configuration is to be read again.
  func reload() { daemon?.send(SIGHUP) }

  func send(_ signal: Int32) { daemon?.send(signal) }

  /// SIGTERM; `waitUntilExit` tells how it ended.
  func askToStop() { daemon?.send(SIGTERM) }

  /// SIGTERM, and waits for the end; the exit code.
  @discardableResult
  func stop() -> Int32 {
    askToStop()
    return waitUntilExit()
  }

  func kill() { daemon?.kill() }

  @discardableResult
  func waitUntilExit() -> Int32 { daemon?.waitUntilExit() ?? 0 }

  /// `thrum ARGUMENTS`: what it printed and its exit code.
  func thrum(_ arguments: String...) throws -> Printed { try run("thrum", arguments) }

  /// A program of this package in this gateway's environment.
  func run(_ program: String, _ arguments: [String], wrapper: [String] = []) throws -> Printed {
    try Printed(wrapper + [Self.program(program)] + arguments, environment: environment, in: folder)
  }

  func status() -> Status? {
    guard let printed = try? thrum("status", "--json"), printed.status == 0 else { return nil }
    return try? printed.decoded()
  }

  /// Waits until `condition` holds of `thrum status`.
  func eventually(within seconds: Double = 30, _ condition: (Status) -> Bool) -> Status? {
    var last: Status?
    let held = TestSupport.eventually(within: seconds) {
      last = status()
      return last.map(condition) ?? false
    }
    return held ? last : nil
  }

  /// Waits until thrumd has logged `words` this many times.
  func logs(_ words: String, times: Int = 1) -> Bool {
    TestSupport.eventually(within: 30) { log.components(separatedBy: words).count > times }
  }

  private static let readyLine = "Thrum is running"

  private var environment: [String: String] {
    ["THRUM_CONFIG": folder.path("thrum.toml"), "THRUM_STATE_DIR": stateFolder, "NO_COLOR": "1"]
      .merging(extraEnvironment) { $1 }
  }

  /// A program of this package, beside the test bundle.
  static func program(_ name: String) -> String {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
  }
}

/// What a program printed, on both streams, and how it ended.
struct Printed: Sendable {
  let text: String
  let status: Int32

  init(_ command: [String], environment: [String: String] = [:], in folder: TemporaryFolder) throws {
    let output = folder.path("output-\(UUID().uuidString)")
    status = try ChildProcess(command, environment: environment, output: output).waitUntilExit()
    text = try contents(ofFile: output)
  }

  var lines: [Substring] { text.split(separator: "\n") }

  func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Value.self, from: Data(text.utf8))
  }

  /// The JSON object on each line.
  func objects() throws -> [[String: Any]] {
    try lines.compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
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
  let uplink: Link

  struct Point: Decodable {
    let machine: String
    let point: String
    let verdict: String
    let reason: String?
    let isoZone: String?
    let model: String?
    let baseline: Baseline
    let ledger: Ledger
    let sequences: [[UInt64]]?
  }
  struct Baseline: Decodable {
    let state: String
    let progress: Double
  }
  struct Store: Decodable { let unsentEvents: Int }
  struct Link: Decodable { let connected: Bool; let reason: String? }
  struct Ledger: Decodable {
    let received, analysed, pending, quarantined, duplicate, dropped, missing: Int
    let quarantinedBy: [String: Int]
    let droppedBy: [String: Int]
    var balances: Bool { received == analysed + pending + quarantined + duplicate + dropped }
  }

  var received: Int { points.reduce(0) { $0 + $1.ledger.received } }
  var duplicate: Int { points.reduce(0) { $0 + $1.ledger.duplicate } }
  var balances: Bool { points.allSatisfy(\.ledger.balances) && unassigned.balances }

  func point(_ machine: String, _ point: String = "de") -> Point? {
    points.first { $0.machine == machine && $0.point == point }
  }
}
