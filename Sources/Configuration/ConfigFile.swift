import Anomaly
import Glibc

/// TOML files become a `ThrumConfig`, or the list of everything that is wrong with them.
package enum ConfigFile {
  /// Reads `path`, then the `*.toml` of `conf.d` beside it in lexical order: later keys win, `[[source]]` and `[[machine]]` add up.
  package static func read(_ path: String) throws(ConfigError) -> ThrumConfig {
    try parse(try texts(path))
  }

  static func texts(_ path: String) throws(ConfigError) -> [(file: String, text: String)] {
    guard access(path, F_OK) == 0 || errno != ENOENT else { throw ConfigError(problems: [missing(path)]) }
    var texts = [(file: path, text: try TextFile.read(path, maxBytes: maxBytes))]
    for file in try TextFile.list(confFolder(of: path), suffix: ".toml") {
      texts.append((file, try TextFile.read(file, maxBytes: maxBytes)))
    }
    return texts
  }

  /// The same from texts in hand. No text at all gives the defaults.
  package static func parse(_ texts: [(file: String, text: String)]) throws(ConfigError) -> ThrumConfig {
    let problems = TableReader.Problems()
    var root = TOMLNode(value: .table([:]), location: .init(file: texts.first?.file ?? "", path: ""))
    for (file, text) in texts {
      do { root.merge(try TOMLNode(parsing: text, file: file)) } catch { problems.all.append(error) }
    }
    let config = config(from: root, problems)
    guard problems.all.isEmpty else { throw ConfigError(problems: problems.all) }
    return config
  }

  /// Every key that Thrum asks for, with what it is given and what it is otherwise; tables that are not there are asked for nothing.
  package static func entries(_ path: String) throws(ConfigError) -> [ConfigEntry] {
    try entries(of: try texts(path))
  }

  package static func entries(of texts: [(file: String, text: String)]) throws(ConfigError) -> [ConfigEntry] {
    let problems = TableReader.Problems()
    var root = TOMLNode(value: .table([:]), location: .init(file: "", path: ""))
    for (file, text) in texts {
      do { root.merge(try TOMLNode(parsing: text, file: file)) } catch { throw ConfigError(problems: [error]) }
    }
    _ = config(from: root, problems)
    return problems.asked
  }

  /// Nobody has written it, or it is looked for in the wrong place.
  private static func missing(_ path: String) -> ConfigProblem {
    ConfigProblem(
      file: path, key: "",
      text: "there is no such file; write one: fleet and name below [gateway], url below [broker], a [[source]] "
        + "(docs/CONFIGURATION.md has every key); or name another by --config or THRUM_CONFIG")
  }

  private static let maxBytes = 1_048_576

  static func confFolder(of path: String) -> String {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    return folder + "conf.d"
  }

  private static func config(from root: TOMLNode, _ problems: TableReader.Problems) -> ThrumConfig {
    var entries: [String: TOMLNode] = [:]
    if case .table(let table) = root.value { entries = table }
    let reader = TableReader(entries, at: root.location, problems: problems)
    let config = ThrumConfig(reader)
    config.reportRepetitions(to: reader)
    return config
  }
}

extension ThrumConfig {
  fileprivate func reportRepetitions(to reader: TableReader) {
    for topic in sources.map(\.topic).repeated { reader.report("source", "the topic \(topic) is listed twice") }
    for name in machines.map(\.name).repeated { reader.report("machine", "the name \(name) is given twice") }
    for name in bearings.map(\.name).repeated { reader.report("bearing", "the name \(name) is given twice") }
    for name in severities.map(\.name).repeated { reader.report("severity", "the name \(name) is given twice") }
    for machine in machines {
      for name in machine.points.map(\.name).repeated {
        reader.report("machine", "\(machine.name) has two points of the name \(name)")
      }
    }
  }
}

extension [String] {
  /// What stands in it more than once; what could not be read, and is empty, does not count.
  fileprivate var repeated: [String] {
    var seen: Set<String> = [""]
    return filter { !seen.insert($0).inserted && !$0.isEmpty }
  }
}
