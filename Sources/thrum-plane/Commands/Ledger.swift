import ArgumentParser
import Contracts
import ControlPlane
import Terminal

struct Ledger: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "List what became of the frames, point by point.",
    discussion: """
      received = analysed + pending + quarantined + duplicate + dropped; MISSING stands beside it: lost \
      before the gateway. Each gateway tells its counts every hour, soon after more was lost, and when asked.

      EXAMPLES
        thrum-plane ledger --db plane.db
        thrum-plane ledger --db plane.db --gateway gw-1 --json
        thrum-plane ledger --db plane.db --gateway gw-1 --ask      let it count now
      """)

  @OptionGroup var file: PlaneFile
  @OptionGroup var output: OutputForm
  @Option(help: "Only this gateway.")
  var gateway: String?
  @Flag(help: "Ask this gateway for its counts as they stand now.")
  var ask = false
  @Option(help: "The asked gateway's fleet, where two have one of that name.")
  var fleet: String?

  func validate() throws {
    if ask, gateway == nil { throw ValidationError("--ask needs --gateway") }
  }

  func run() throws {
    if ask, let gateway { return try file.ask(gateway, in: fleet, .ledger) }
    let rows = try file.reader(about: gateway).ledgers(of: gateway)
    if output.json {
      for row in rows { print(JSON.text(row)) }
      return
    }
    guard !rows.isEmpty else { return print("No gateway has told its counts yet.") }
    var table = Table(
      ["gateway", "point", "received", "analysed", "quarantined", "dropped", "missing"], numbers: [2, 3, 4, 5, 6])
    for row in rows { table.add(cells(row)) }
    print(table.rendered())
  }

  private func cells(_ row: LedgerRow) -> [Table.Cell] {
    [
      .init(row.gateway), .init(row.machine.isEmpty ? "(no point)" : "\(row.machine)/\(row.point)"), .init("\(row.received)"),
      .init("\(row.analysed)"), .init("\(row.quarantined)", row.quarantined > 0 ? .warning : nil),
      .init("\(row.dropped)", row.dropped > 0 ? .bad : nil), .init("\(row.missing)", row.missing > 0 ? .bad : nil),
    ]
  }
}
