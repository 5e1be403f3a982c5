import ArgumentParser
import Contracts
import ControlPlane
import Signal
import Terminal

struct Fleet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet", abstract: "List the gateways and how they are.",
    discussion: """
      ALARMS: those that stand, without shelved ones and those of points out of service, by the newest event of each. FORKS counts events that contradict stored ones: \
      a gateway came back from an old image, or two machines speak under one name (then both are listed). MISSING: frames that \
      were lost before they reached the gateway; DROPPED: frames that it gave up for a reason it names, by its last word; \
      `thrum-plane ledger` says where. A narrow screen does without EVENTS, LAST REPORT and VERSION.

      EXAMPLES
        thrum-plane fleet --db plane.db
        thrum-plane fleet --db plane.db --json
      """)

  @OptionGroup var file: PlaneFile
  @OptionGroup var output: OutputForm

  private struct Listing: Encodable { let gateways: [FleetRow] }

  func run() throws {
    let rows = try PlaneReader(path: file.path).fleet()
    if output.json { return print(JSON.text(Listing(gateways: rows))) }
    guard !rows.isEmpty else { return print("No gateway has been heard of yet.") }
    var table = Table(
      ["gateway", "state", "for", "version", "alarms", "events", "forks", "missing", "dropped", "last report"],
      numbers: [4, 5, 6, 7, 8])
    for row in rows { table.add(cells(row)) }
    print(table.rendered(within: Screen.columns, expendable: [5, 9, 3]))
    for row in rows where row.isContested {
      print("\nTwo machines speak as \(row.fleet)/\(row.gateway): epoch \(row.epoch?.hex.prefix(8) ?? "unknown") is one of them.")
    }
  }

  private func cells(_ row: FleetRow) -> [Table.Cell] {
    [
      .init("\(row.fleet)/\(row.gateway)"), .init(row.state, row.state == "online" ? .good : .warning), .init(ago(row.stateAt)),
      .init(row.version ?? "-"), .init("\(row.alarms)", row.alarms > 0 ? .bad : nil), .init("\(row.events)"),
      .init("\(row.forks)", row.forks > 0 ? .bad : nil),
      .init("\(row.missing)", row.missing > 0 ? .bad : nil), .init("\(row.dropped)", row.dropped > 0 ? .warning : nil),
      .init(row.lastEventAt.map { "\(ago($0)) ago" } ?? "-"),
    ]
  }

  private func ago(_ time: UnixTime?) -> String { time.map { span(seconds: UnixTime.now.seconds(since: $0)) } ?? "-" }
}
