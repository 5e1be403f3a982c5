import ArgumentParser
import Contracts
import Signal
import Store
import Terminal

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show on one screen whether the gateway works, what is in alarm, and what is unsent.",
    discussion: """
      EXAMPLES
        thrum status
        thrum status --json | jq '.points[] | select(.verdict == "alarm")'
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output

  func run() throws {
    let report = try gateway.status()
    if output.json { return printJSON(report) }
    print(StatusScreen(report).rendered)
  }
}
