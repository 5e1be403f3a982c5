import ArgumentParser
import Contracts
import Glibc
import Terminal

struct ModelInstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Have the daemon try a package that nobody has signed.",
    discussion: """
      Refused unless allow_unsigned = true of [models]: a file does not say who made it. Signed models come from the plane, or from a \
      stick by `thrum model bring`. The package goes the same road (golden windows, shadow, canary) and is called unsigned wherever it \
      is named. `thrum models` shows how far it got. Needs the daemon, and the role admin.

      EXAMPLES
        thrum model install pump.thrum
        thrum model install pump.thrum --points 'pump-*/drive-end' '!pump-9/*' --shadow-windows 500
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: "The package, as the daemon sees it.", completion: .file())
  var file: String
  @Option(parsing: .upToNextOption, help: "Which points: machine/point, * inside a part, ! before what is not meant.")
  var points = ["*/*"]
  @Option(name: .customLong("shadow-windows"), help: "Windows beside the model at work.")
  var shadowWindows = 200
  @Option(name: .customLong("canary-windows"), help: "Windows at work before it is active.")
  var canaryWindows = 500

  func run() throws {
    // What is not there is not sent to anybody: the daemon's words would be about its own rights.
    guard access(file, F_OK) == 0 else { throw FileTrouble("install", file) }
    let path = realpath(file, nil).map { resolved in
      defer { free(resolved) }
      return String(cString: resolved)
    }
    let reply = try daemon.ask(
      InstallModel(file: path ?? file, points: points, shadowWindows: shadowWindows, canaryWindows: canaryWindows))
    if output.json { return printJSON(reply) }
    print("\(reply.model) \(reply.version) is tried; nobody has signed it. `thrum models` shows how far it gets.")
  }
}
