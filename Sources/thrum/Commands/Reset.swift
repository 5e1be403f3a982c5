import ArgumentParser
import Store
import Terminal

struct Reset: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "Take this gateway back to what it was before it ever ran, while the daemon is stopped.",
    discussion: """
      Deletes what thrumd has written: the store with its alarms, histories, evidence and what was learned, copies that were \
      set aside, models that came, logged-in browsers. The configuration and the site's keys stay. Nothing of it comes back: `thrum backup` \
      and `thrum export` keep what is still wanted. The plane sees a new gateway under the old name. Without --yes it says \
      what would go.

      On a flash disk deleted data can be read from the chip for a while: destroy the disk, or keep it encrypted, where that matters.

      EXAMPLES
        thrum reset
        systemctl stop thrumd && thrum reset --yes
      """)

  @OptionGroup var gateway: Gateway
  @Flag(help: "Do it.")
  var yes = false

  func run() throws {
    let report = yes ? try StoreReset.run(folder: gateway.folder) : StoreReset.look(folder: gateway.folder)
    for name in report.left { print("\(gateway.folder)/\(name.printable): stays, it is not thrumd's") }
    guard yes else {
      for name in report.deleted { print("\(gateway.folder)/\(name.printable): would be deleted") }
      throw Refused(description: "reset \(gateway.folder): nothing was deleted; --yes does it, and nothing of it comes back")
    }
    print(
      "\(gateway.folder): \(report.deleted.isEmpty ? "there was nothing" : "deleted \(report.deleted.joined(separator: ", "))")")
  }

  private struct Refused: Error, CustomStringConvertible { let description: String }
}
