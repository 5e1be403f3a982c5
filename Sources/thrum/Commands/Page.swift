import ArgumentParser
import Contracts
import Glibc
import LocalClient
import Terminal

struct Page: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page", abstract: "Say how the page is reached: its address, with a code that lets one browser in.",
    discussion: """
      The daemon makes a code for one use within five minutes; the browser is then you, with your role, for twelve hours. \
      The page listens to this gateway alone: from another computer it is reached through ssh.

      EXAMPLES
        thrum page
        thrum page --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output

  func run() throws {
    let reply = try LocalClient(socket: gateway.socket).ask(OpenPage())
    if output.json { return printJSON(reply) }
    let host = reply.host.contains(":") ? "[\(reply.host)]" : reply.host
    print(
      """
      \(reply.url)

      lets one browser in as \(reply.name.printable) (\(reply.role.rawValue)), once, within \(reply.expiresS / 60) minutes.
      From another computer, run there and leave open:
        ssh -N -L \(reply.port):\(host):\(reply.port) \(Self.login)
      and open the address there.
      """)
  }

  private static var login: String {
    var name = [CChar](repeating: 0, count: 256)
    let host =
      gethostname(&name, name.count - 1) == 0
      ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "GATEWAY"
    let user = getenv("SUDO_USER") ?? getenv("USER")
    return (user.map { String(cString: $0) + "@" } ?? "") + host
  }
}
