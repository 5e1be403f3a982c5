import ArgumentParser
import Store
import Terminal

struct Restore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put a copy that `thrum backup` wrote in the place of the store, while the daemon is stopped.",
    discussion: """
      The present store is set aside beside the restored one, not deleted. At its next start thrumd tells the plane that it goes on \
      from a copy, and sends again what the plane may lack.

      EXAMPLES
        systemctl stop thrumd && thrum restore /media/usb/thrum-2026-11-27.db && systemctl start thrumd
      """)

  @OptionGroup var gateway: Gateway
  @Argument(help: ArgumentHelp("The copy.", valueName: "FILE"), completion: .file())
  var file: String

  func run() throws {
    let former = try StoreRestore.run(folder: gateway.folder, from: file)
    print("\(gateway.folder): restored from \(file)")
    if let former { print("the store that was there is \(former)*; delete it when it is not needed any more") }
  }
}
