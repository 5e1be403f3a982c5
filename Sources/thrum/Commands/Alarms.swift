import Anomaly
import ArgumentParser
import Contracts
import Signal
import Store
import Terminal

struct Alarms: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alarms", abstract: "List the alarms that stand, worst first.",
    discussion: """
      EXAMPLES
        thrum alarms
        thrum alarms --all --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output
  @Flag(help: "Closed ones too.")
  var all = false

  private struct Listing: Encodable { let alarms: [AlarmRow] }

  func run() throws {
    gateway.tellStopped(unless: output.json)
    let reader = try gateway.reader()
    let alarms = try reader.alarms(newest: .max)
      .filter { all || $0.state != .closed }
      .sorted { ($1.priority, $1.raisedAt) < ($0.priority, $0.raisedAt) }
    if output.json {
      let labels = try reader.labels()
      return printJSON(Listing(alarms: alarms.map { AlarmRow($0, label: labels[$0.id]) }))
    }
    guard !alarms.isEmpty else { return print(all ? "There was never an alarm." : "No alarm stands.") }
    print(AlarmTable.rendered(alarms))
    print("\nthrum explain \(alarms[0].id.printable.quotedForShell) says why.")
  }
}

extension String {
  /// As it can be typed as one word.
  fileprivate var quotedForShell: String {
    let isPlain = utf8.allSatisfy { ($0 > 0x20 && $0 < 0x7F) && !"'\"\\$`&|;<>()*?[]!~".utf8.contains($0) }
    return isPlain ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
