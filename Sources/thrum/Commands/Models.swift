import ArgumentParser
import Contracts
import ModelPackages
import Signal
import Store
import Terminal

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Show the models that came to this gateway: versions, stages, gates with their progress, why one was taken back.",
    discussion: """
      What a point has learned itself is shown by `thrum points`. Reads the store; needs no daemon.

      EXAMPLES
        thrum models
        thrum models --all
        thrum models --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output
  @Flag(help: "Versions that are retired too, and gates that are passed.")
  var all = false

  func run() throws {
    gateway.tellStopped(unless: output.json)
    let reader = try gateway.reader()
    let report = ModelsReport(try reader.modelVersions(), try reader.modelRoads())
    if output.json { return printJSON(report) }
    guard !report.models.isEmpty else {
      return print("No model has come to this gateway; points judge by what they have learned.")
    }
    for version in report.models where all || version.stage != "retired" { show(version) }
  }

  private func show(_ version: ModelsReport.Version) {
    let order = version.state == "running" ? "" : ", \(version.state) by its rollout"
    let unsigned = version.signed ? "" : Style.bad(" UNSIGNED")
    let since = UnixTime(rfc3339: version.since)?.local ?? version.since
    let state = "\(version.model) \(version.version)\(unsigned): \(version.stage) since \(since)\(order)"
    print("\(state),\n  serial \(version.serial), \(version.sha256.prefix(12))…")
    if let words = version.words { print("  " + "\(version.reason ?? ""): \(words)".wrapped(columns: 76, indent: 4)) }
    guard !version.points.isEmpty else { return }
    var table = Table(["  point", "stage", "gate", "", ""])
    for point in version.points {
      let agreement = point.agreementPermille.map { "agrees with the other in \($0) of 1000" } ?? ""
      table.add("  \(point.machine)/\(point.point)", point.stage, "", "", agreement)
      for gate in point.gates where all || gate.state != .passed || gate.gate == .windows {
        table.add("", "", gate.gate.rawValue, gate.state.rawValue, gate.words)
      }
    }
    print(table.rendered(within: Screen.columns))
  }
}
