import ArgumentParser
import Store
import Terminal

struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the whole store into one file, while the daemon runs or not.",
    discussion: """
      The copy is of one moment and is read through before it gets its name. `thrum restore` puts it back.

      EXAMPLES
        thrum backup -o /media/usb/thrum-2026-11-27.db
      """)

  @OptionGroup var gateway: Gateway
  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write; one of that name is replaced.", valueName: "FILE"))
  var output: String

  func run() throws {
    try StoreBackup.write(folder: gateway.folder, to: output)
    print("\(output): complete and checked")
  }
}
