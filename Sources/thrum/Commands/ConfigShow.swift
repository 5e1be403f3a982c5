import ArgumentParser
import Configuration
import Contracts
import Terminal

struct ConfigShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what counts: the files' keys, and with --effective the defaults of those that are not given.",
    discussion: """
      A default is marked. --redact puts *** where a name, a host or a file could tell too much. --json: numbers are numbers, true and \
      false are booleans.

      EXAMPLES
        thrum config show
        thrum config show --effective --redact
        thrum config show --effective --json
      """)

  @Option(
    name: .customLong("config"), help: "The file; conf.d stands beside it. THRUM_CONFIG or the system's place when left out.",
    completion: .file())
  var file: String?
  @OptionGroup var output: Output
  @Flag(help: "Defaults too.")
  var effective = false
  @Flag(help: "Without names, hosts and files that are secret or lead to secrets.")
  var redact = false

  private struct Row: Encodable {
    let key: String
    let value: ConfigValue
    let isDefault: Bool
  }

  func run() throws {
    let rows: [ConfigEntry]
    do { rows = try Self.entries(file ?? Paths.current.config, effective: effective, redact: redact) } catch let error
      as ConfigError
    {
      throw UsageError("\(error)")
    }
    if output.json {
      return printJSON(rows.compactMap { row in row.value.map { Row(key: row.path, value: $0, isDefault: row.given == nil) } })
    }
    print(Self.text(rows))
  }

  static func entries(_ file: String, effective: Bool, redact: Bool) throws -> [ConfigEntry] {
    var entries = try ConfigFile.entries(file).filter { !$0.isContainer && (effective ? $0.effective != nil : $0.given != nil) }
    guard redact else { return entries }
    for index in entries.indices where entries[index].isTelling { entries[index].redact() }
    return entries
  }

  static func text(_ entries: [ConfigEntry]) -> String {
    var lines: [String] = []
    var table = ""
    for entry in entries {
      if entry.table != table { lines.append((lines.isEmpty ? "" : "\n") + "[\(entry.table)]") }
      table = entry.table
      lines.append("\(entry.key) = \(entry.effective ?? "")" + (entry.given == nil ? "  # default" : ""))
    }
    return lines.joined(separator: "\n").split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
      .joined(separator: "\n")
  }
}

extension ConfigEntry {
  /// Given by somebody, and telling who or where.
  fileprivate var isTelling: Bool {
    guard let given else { return false }
    return ["username", "password_file", "ca_file", "cert_file", "key_file"].contains(key)
      || (key == "url" && !given.contains("://127.0.0.1") && !given.contains("://localhost"))
  }
}
