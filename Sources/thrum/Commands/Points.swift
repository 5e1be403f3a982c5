import ArgumentParser
import Contracts
import Terminal

struct Points: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "points", abstract: "List every point with its verdict and what became of its frames.",
    discussion: """
      EXAMPLES
        thrum points
        thrum points --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output

  private struct Listing: Encodable { let points: [StatusReport.Point] }

  func run() throws {
    gateway.tellStopped(unless: output.json)
    let points = try gateway.status().points
    if output.json { return printJSON(Listing(points: points)) }
    guard !points.isEmpty else { return print("No point has sent anything yet.") }
    print(PointTable.rendered(points))
    print("\n\(ledger(points))")
  }

  private func ledger(_ points: [StatusReport.Point]) -> String {
    var table = Table(
      ["point", "received", "analysed", "pending", "quarant.", "dupl.", "dropped", "missing"], numbers: [1, 2, 3, 4, 5, 6, 7])
    for point in points {
      let counts = point.ledger
      table.add(
        "\(point.machine)/\(point.point)", "\(counts.received)", "\(counts.analysed)", "\(counts.pending)",
        "\(counts.quarantined)",
        "\(counts.duplicate)", "\(counts.dropped)", "\(counts.missing)")
    }
    return table.rendered(within: Screen.columns)
  }
}
