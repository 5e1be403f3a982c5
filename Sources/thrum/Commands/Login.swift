import ArgumentParser
import Contracts
import LocalClient
import Terminal

struct Login: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "login", abstract: "Make a code that lets one browser in to the page as you, once.",
    discussion: """
      For a browser that already shows the page: type the code there. `thrum page` prints the whole address. Needs the daemon, \
      and [page] enabled.

      EXAMPLES
        thrum login
        thrum login --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output

  private struct Report: Encodable {
    let code, name: String
    let role: Role
    let expiresS: Int
  }

  func run() throws {
    let reply = try LocalClient(socket: gateway.socket).ask(OpenPage())
    let code = reply.url.split(separator: "#code=", maxSplits: 1).last.map(String.init) ?? ""
    if output.json { return printJSON(Report(code: code, name: reply.name, role: reply.role, expiresS: reply.expiresS)) }
    print(code)
    print("lets one browser in as \(reply.name.printable) (\(reply.role.rawValue)), once, within \(reply.expiresS / 60) minutes.")
  }
}
