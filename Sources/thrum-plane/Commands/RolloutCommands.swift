import ArgumentParser
import ControlPlane
import ModelPackages
import Terminal

/// Whose rollout, signed by whom.
struct RolloutOptions: ParsableArguments {
  @OptionGroup var place: RepositoryOptions
  @OptionGroup var plane: PlaneFile
  @Option(help: "The fleet; needed where there are several.")
  var fleet: String?
  @OptionGroup var signing: SignerOptions
  @OptionGroup var output: OutputForm

  func carryOut(_ model: String, _ wish: RepositoryEditor.Wish) throws {
    let editor = try place.editor()
    let fleet = try fleet ?? onlyFleet(editor)
    let rollout = try editor.roll(model, in: fleet, wish) { try halt(of: $0, in: fleet) }
    if !output.json { print("\(fleet): \(rollout.model) \(rollout.version), \(rollout.words).") }
    try signing.finish(editor, output)
  }

  private func onlyFleet(_ editor: RepositoryEditor) throws -> String {
    let fleets = editor.current.delegated.map(\.string).filter { $0.hasPrefix("fleet-") }.map { String($0.dropFirst(6)) }
    guard fleets.count == 1, let fleet = fleets.first else {
      throw UsageError("expected --fleet, one of: \(fleets.joined(separator: ", "))")
    }
    return fleet
  }

  /// What the gateways say of what is rolled out; a plane that has not served yet knows nothing against it.
  private func halt(of rollout: Rollout, in fleet: String) throws -> String? {
    guard PlaneReader.isThere(plane.path) else { return nil }
    return try PlaneReader(path: plane.path).halts(in: fleet).first { $0.sha256 == rollout.sha256 }?.words
  }
}

/// Points as an option names them; `nil` where it was not given.
func selector(_ patterns: [String], _ option: String) throws -> Selector? {
  if patterns.isEmpty { return nil }
  guard let selector = Selector(patterns) else {
    throw UsageError("\(option) \(patterns.joined(separator: " ")): expected MACHINE/POINT, * within a part, ! to exclude")
  }
  return selector
}

struct RolloutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollout", abstract: "Say which version a fleet's gateways run, where, and how far.",
    discussion: """
      Signed by the fleet's own key. What is not given stays as it was. Points are \
      MACHINE/POINT, * within a part, ! before one that excludes. A larger share of \
      a version is refused once one in twenty gateways went back from it.

      EXAMPLES
        thrum-plane rollout pumps 1.2.0 --share 1 --key operations.key
        thrum-plane rollout pumps 1.2.0 --share 100 --key operations.key
        thrum-plane rollout pumps 1.2.0 --points '*/*' '!pump-3/*' --fleet plant-a
      """)
  @Argument var model: String
  @Argument(help: "Its version.")
  var modelVersion: String
  @Option(parsing: .upToNextOption, help: "Points that are to run it.")
  var points: [String] = []
  @Option(parsing: .upToNextOption, help: "Those of them that go first.")
  var canaryPoints: [String] = []
  @Option(help: ArgumentHelp("Part of the fleet's gateways, 0 to 100 %.", valueName: "PERCENT"))
  var share: Double?
  @Option(help: "Windows beside the live model before the canary.")
  var shadowWindows: Int64?
  @Option(help: "Windows in service before it is active.")
  var canaryWindows: Int64?
  @Option(help: "Gate: windows it may raise, of a thousand.")
  var maxAlarmPermille: Int64?
  @Option(help: "Gate: 99 of 100 windows are judged within this, microseconds.")
  var maxP99Us: Int64?
  @Option(help: "Gate: bytes it may take.")
  var maxBytes: Int64?
  @Option(help: "Gate: confirmed bad windows it must find, of a thousand.")
  var mustFindPermille: Int64?
  @OptionGroup var options: RolloutOptions

  func validate() throws {
    if let share, !(0...100).contains(share) { throw ValidationError("--share \(share): expected 0 to 100") }
  }

  func run() throws {
    var wish = RepositoryEditor.Wish()
    wish.version = modelVersion
    wish.points = try selector(points, "--points")
    wish.canaryPoints = try selector(canaryPoints, "--canary-points")
    wish.sharePPM = share.map { Int64(($0 * 10_000).rounded()) }
    (wish.shadowWindows, wish.canaryWindows) = (shadowWindows, canaryWindows)
    wish.gates = gates
    try options.carryOut(model, wish)
  }

  private var gates: Rollout.Gates? {
    guard maxAlarmPermille != nil || maxP99Us != nil || maxBytes != nil || mustFindPermille != nil else { return nil }
    var gates = Rollout.Gates()
    gates.maxAlarmWindowsPermille = maxAlarmPermille ?? gates.maxAlarmWindowsPermille
    gates.maxP99Microseconds = maxP99Us ?? gates.maxP99Microseconds
    gates.maxBytes = maxBytes ?? gates.maxBytes
    gates.mustFindConfirmedPermille = mustFindPermille ?? gates.mustFindConfirmedPermille
    return gates
  }
}

struct Pause: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Let a fleet's rollout stand where it is.",
    discussion: """
      `rollout` with the same version goes on.

      EXAMPLES
        thrum-plane pause pumps --key operations.key
      """)
  @Argument var model: String
  @OptionGroup var options: RolloutOptions

  func run() throws {
    var wish = RepositoryEditor.Wish()
    wish.state = .paused
    try options.carryOut(model, wish)
  }
}

struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Bring a fleet back to the last good version, which its gateways have on disk.",
    discussion: """
      EXAMPLES
        thrum-plane rollback pumps --key operations.key
      """)
  @Argument var model: String
  @OptionGroup var options: RolloutOptions

  func run() throws {
    var wish = RepositoryEditor.Wish()
    wish.state = .rollback
    try options.carryOut(model, wish)
  }
}
