import ArgumentParser
import ControlPlane
import ModelPackages
import Terminal

struct Dataset: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Turn what gateways sent for training into a data set.",
    discussion: """
      EXAMPLES
        thrum-plane dataset export pumps-2026-11
      """,
    subcommands: [Export.self])

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Write healthy windows' features as a table.",
      discussion: """
        DIR gets features.csv, a row a window, and dataset.json with its digest: the \
        data set's version, for the card of what is learned from it (scripts/train).

        EXAMPLES
          thrum-plane dataset export pumps-2026-11
          thrum-plane dataset export pumps-2026-11 --fleet plant-a --json
          thrum-plane dataset export pump-7 --points 'pump-7/*'
        """)
    @OptionGroup var plane: PlaneFile
    @OptionGroup var output: OutputForm
    @Argument(help: ArgumentHelp("A new or empty folder.", valueName: "DIR"))
    var folder: String
    @Option(help: "Only this fleet's gateways.")
    var fleet: String?
    @Option(parsing: .upToNextOption, help: "Only these points: MACHINE/POINT, * within a part, ! before one that excludes.")
    var points: [String] = []

    func run() throws {
      let chosen = try selector(points, "--points") ?? Selector()
      let set = try DatasetExport(try plane.reader(aboutFleet: fleet), fleet: fleet, points: chosen, to: folder)
      if output.json { return print(jsonText(set)) }
      print(
        "\(set.rows) windows of \(set.points.count) points, \(set.features.count) features; version \(set.sha256.prefix(16)).")
      for (reason, count) in set.leftOut.sorted(by: { $0.key < $1.key }) { print("Left out, \(reason): \(count).") }
    }
  }
}
