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
      The page listens to this gateway alone, and from another computer it is reached through ssh; with a certificate it may \
      listen on a network, and its fingerprint is printed so that it can be compared with the browser's.

      EXAMPLES
        thrum page
        thrum page --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output

  func run() throws {
    let reply = try LocalClient(socket: gateway.socket).ask(OpenPage())
    if output.json { return printJSON(reply) }
    let who = "\(reply.name.printable) (\(reply.role.rawValue))"
    print("\(reply.url)\n\nlets one browser in as \(who), once, within \(reply.expiresS / 60) minutes.")
    if let fingerprint = reply.certificateSha256 {
      print(
        "A browser that warns of the certificate must show this SHA-256 fingerprint, or it is not this gateway's:\n  \(fingerprint)"
      )
    }
    if Self.needsTunnel(reply) { print(Self.tunnel(reply)) }
  }

  private static func needsTunnel(_ reply: OpenPage.Reply) -> Bool { reply.host.hasPrefix("127.") || reply.host == "::1" }

  private static func tunnel(_ reply: OpenPage.Reply) -> String {
    let host = reply.host.contains(":") ? "[\(reply.host)]" : reply.host
    return """
      From another computer, run there and leave open:
        ssh -N -L \(reply.port):\(host):\(reply.port) \(login)
      and open the address there.
      """
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
