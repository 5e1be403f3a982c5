import ArgumentParser
import Configuration
import Terminal

struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check the configuration, or show what counts.",
    discussion: """
      EXAMPLES
        thrum config check
        thrum config show --effective --redact
      """,
    subcommands: [ConfigCheck.self, ConfigShow.self])
}

struct ConfigCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Print every problem of the configuration with file, key and expected range.",
    discussion: """
      EXAMPLES
        thrum config check
        thrum config check --config ./thrum.toml --json
      """)

  @Option(
    name: .customLong("config"), help: "The file; conf.d stands beside it. THRUM_CONFIG or the system's place when left out.",
    completion: .file())
  var file: String?
  @OptionGroup var output: Output

  private struct Report: Encodable {
    let file: String
    let problems: [String]
  }

  func run() throws {
    let path = file ?? Paths.current.config
    var problems: [String] = []
    do { _ = try ConfigFile.read(path) } catch { problems = error.problems.map { "\($0)" } }
    if output.json {
      printJSON(Report(file: path, problems: problems))
    } else if problems.isEmpty {
      print("\(path): \(Style.good("ok"))")
    } else {
      for problem in problems { complain(problem.printable) }
    }
    if !problems.isEmpty { throw ExitStatus(2) }
  }
}
