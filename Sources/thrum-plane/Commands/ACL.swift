import ArgumentParser
import Contracts
import ControlPlane
import Terminal

struct ACL: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "acl",
    abstract: "Write the broker's access rules: no gateway can speak as another.",
    discussion: """
      For mosquitto's acl_file. Each gateway connects under its own name, by password or by certificate \
      (use_identity_as_username true). Without GATEWAY those that the plane has heard of.

      EXAMPLES
        thrum-plane acl --db plane.db > /etc/mosquitto/thrum.acl
        thrum-plane acl --plane-user thrum-plane demo/gw-1 demo/gw-2
      """)

  @OptionGroup var file: PlaneFile
  @Option(help: "The name under which the plane connects.")
  var planeUser = "plane"
  @Argument(help: ArgumentHelp("FLEET/GATEWAY, any number.", valueName: "GATEWAY"))
  var gateways: [String] = []

  func run() throws {
    let names =
      gateways.isEmpty
      ? try PlaneReader(path: file.path).names().map { "\($0.fleet)/\($0.gateway)" } : gateways
    let rules = AccessRules(gateways: try names.map(topics), plane: planeUser)
    if let name = rules.ambiguous.first {
      throw UsageError(
        "two users would be called \(name): give each gateway a name of its own, or the plane another --plane-user")
    }
    print(rules.text, terminator: "")
  }

  private func topics(_ name: String) throws -> PlaneTopics {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let topics = PlaneTopics(fleet: parts[0], gateway: parts[1]) else {
      throw UsageError("\(name): expected FLEET/GATEWAY, each 1 to 63 of a-z, 0-9 and -")
    }
    return topics
  }
}
