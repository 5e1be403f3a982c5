import ArgumentParser
import Contracts
import ControlPlane
import Terminal

struct Gaps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gaps", abstract: "List events that gateways had to give up before they could be sent.",
    discussion: """
      A gateway whose store is full, or was damaged, says by number what is gone.

      EXAMPLES
        thrum-plane gaps --db plane.db
        thrum-plane gaps --db plane.db --gateway gw-1 --json
      """)

  @OptionGroup var file: PlaneFile
  @OptionGroup var output: OutputForm
  @Option(help: "Only this gateway.")
  var gateway: String?

  func run() throws {
    let gaps = try file.reader(about: gateway).gaps(of: gateway)
    if output.json {
      for gap in gaps { print(JSON.text(gap)) }
      return
    }
    guard !gaps.isEmpty else { return print("Nothing was given up.") }
    var table = Table(["received", "gateway", "lane", "numbers", "events", "reason"])
    for gap in gaps {
      table.add([
        .init(gap.receivedAt.local), .init(gap.gateway), .init(gap.lane), .init("\(gap.first)-\(gap.last)"),
        .init("\(gap.count)"),
        .init(gap.reason),
      ])
    }
    print(table.rendered())
  }
}
