import ArgumentParser
import Contracts
import Glibc
import Terminal

struct ModelBring: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bring", abstract: "Take signed models from a stick.",
    discussion: """
      DIR is what `thrum-plane export-repository` wrote. It is believed no more than a network: signatures, \
      versions and digests are checked as ever. Needs the daemon, `root_file` of [models], and the role admin.

      EXAMPLES
        thrum model bring /media/stick/thrum
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: ArgumentHelp("The folder, as the daemon sees it.", valueName: "DIR"))
  var folder: String

  func run() throws {
    let reply = try daemon.ask(BringModels(folder: Self.absolute(folder)))
    if output.json { return print(JSON.text(reply)) }
    print("\(reply.rollouts) rollouts for this gateway, \(reply.packages) new packages.")
    for failure in reply.failures { print("Not taken: \(failure)") }
    if !reply.failures.isEmpty { throw ExitStatus(1) }
  }

  private static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
