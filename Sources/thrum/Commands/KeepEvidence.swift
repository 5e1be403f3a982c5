import ArgumentParser
import Contracts
import Terminal

struct KeepEvidence: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence",
    abstract: "Keep a point's next waveform, and send it to the control plane.",
    discussion: """
      With each warning and alarm this is done by itself, unless [evidence] keep = "asked". Needs the daemon, \
      and the role operator.

      EXAMPLES
        thrum evidence pump-7/drive-end
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: "machine/point, as `thrum points` lists them.", completion: Completions.points)
  var point: String

  func run() throws {
    let reply = try daemon.ask(KeepWaveform(point: point))
    output.json ? print(JSON.text(reply)) : print("The next waveform of \(reply.machine)/\(reply.point) is kept.")
  }
}
