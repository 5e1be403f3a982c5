import Anomaly

/// TOML files become a `ThrumConfig`, or the list of everything that is wrong with them.
package enum ConfigFile {
  /// Reads `path`, then the `*.toml` of `conf.d` beside it in lexical order: later keys win, `[[source]]` and `[[machine]]` add up.
  package static func read(_ path: String) throws(ConfigError) -> ThrumConfig {
    var texts = [(file: path, text: try TextFile.read(path, maxBytes: maxBytes))]
    for file in try TextFile.list(confFolder(of: path), suffix: ".toml") {
      texts.append((file, try TextFile.read(file, maxBytes: maxBytes)))
    }
    return try parse(texts)
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
    var texts = [(file: path, text: try TextFile.read(path, maxBytes: maxBytes))]
    for file in try TextFile.list(confFolder(of: path), suffix: ".toml") {
      texts.append((file, try TextFile.read(file, maxBytes: maxBytes)))
    }
    return try entries(of: texts)
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

  private static let maxBytes = 1_048_576

  private static func confFolder(of path: String) -> String {
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
