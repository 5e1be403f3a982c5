import ArgumentParser
import Contracts
import ControlPlane
import Terminal

struct Forks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forks", abstract: "List events that contradict stored ones.",
    discussion: """
      The same number with another hash, or the same id with other bytes: two machines speak under one \
      name, or a copy of a gateway's card is in use. With --json the contradicting events themselves.

      EXAMPLES
        thrum-plane forks --db plane.db
        thrum-plane forks --db plane.db --gateway gw-1 --json
      """)

  @OptionGroup var file: PlaneFile
  @OptionGroup var output: OutputForm
  @Option(help: "Only this gateway.")
  var gateway: String?

  func run() throws {
    let forks = try file.reader(about: gateway).forks(of: gateway)
    if output.json {
      for fork in forks { print(JSON.text(fork)) }
      return
    }
    guard !forks.isEmpty else { return print("Nothing contradicts what is stored.") }
    var table = Table(["received", "gateway", "epoch", "lane", "number"], numbers: [4])
    for fork in forks {
      table.add(fork.receivedAt.local, fork.gateway, String(fork.epoch.hex.prefix(8)), fork.lane, "\(fork.sequence)")
    }
    print(table.rendered())
  }
}
