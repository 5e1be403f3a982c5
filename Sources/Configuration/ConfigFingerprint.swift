extension ConfigFile {
  /// What the files at `path` say, in sixteen hexadecimal digits: the same for texts that mean the same, whatever their comments and order of
  /// keys. It tells an edited file from the one that was read, not a forged one (FNV-1a, 64 bits).
  package static func fingerprint(_ path: String) throws(ConfigError) -> String { try fingerprint(of: try texts(path)) }

  static func fingerprint(of texts: [(file: String, text: String)]) throws(ConfigError) -> String {
    var root = TOMLNode(value: .table([:]), location: .init(file: "", path: ""))
    for (file, text) in texts {
      do { root.merge(try TOMLNode(parsing: text, file: file)) } catch { throw ConfigError(problems: [error]) }
    }
    let hash = root.value.canonical.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// `path` and the files of `conf.d` beside it.
  package static func files(_ path: String) throws(ConfigError) -> [String] {
    [path] + (try TextFile.list(confFolder(of: path), suffix: ".toml"))
  }
}

extension TOMLNode.Value {
  /// The same text for the same values.
  fileprivate var canonical: String {
    switch self {
    case .table(let entries):
      "{" + entries.sorted { $0.key < $1.key }.map { "\($0.key.debugDescription): \($0.value.value.canonical), " }.joined() + "}"
    case .array(let nodes): "[" + nodes.map { "\($0.value.canonical), " }.joined() + "]"
    case .text(let text): text.debugDescription
    case .integer, .number, .boolean, .other: description
    }
  }
}
