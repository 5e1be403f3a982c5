import Anomaly
import ArgumentParser
import Contracts
import Glibc
import Store
import Terminal

struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Show the status and the alarms live, until interrupted.",
    discussion: """
      Looks into the store now and then, whether the daemon runs or not. With --json a status a line.

      EXAMPLES
        thrum watch
        thrum watch --every 10 --times 6 --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output
  @Option(help: "Seconds from one look to the next, 1 to 3600.")
  var every = 2
  @Option(help: "Look this often, then end; without it until interrupted.")
  var times: Int?

  func validate() throws {
    guard (1...3600).contains(every) else { throw ValidationError("--every \(every): expected 1 to 3600") }
    if let times, times < 1 { throw ValidationError("--times \(times): expected 1 or more") }
  }

  func run() throws {
    var looks = 0
    while true {
      if output.json { printJSON(try gateway.status()) } else { try draw() }
      try StandardOutput.flush()
      looks += 1
      if looks == times { return }
      sleep(UInt32(every))
    }
  }

  /// From the top of a terminal's screen; one below the other where the output is no terminal.
  private func draw() throws {
    if isatty(STDOUT_FILENO) == 1 { print("\u{1B}[H\u{1B}[2J", terminator: "") }
    print(StatusScreen(try gateway.status()).rendered)
    print("\n" + (try AlarmTable.rendered(gateway.reader().alarms(newest: .max).filter(\.isOpen))))
  }
}
