/// Everything that is wrong with a configuration, in the order in which it was found; never empty.
package struct ConfigError: Error, CustomStringConvertible {
  package let problems: [ConfigProblem]

  package init(problems: [ConfigProblem]) { self.problems = problems }

  package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// `file: table.key: expected 1 to 4096, got 0`
package struct ConfigProblem: Error, Equatable, CustomStringConvertible {
  package let file: String
  /// As `source[2].qos`, or `line 3, column 7`; empty when the whole file is meant.
  package let key: String
  package let text: String

  package init(file: String = "", key: String, text: String) { (self.file, self.key, self.text) = (file, key, text) }

  package var description: String { [file, key, text].filter { !$0.isEmpty }.joined(separator: ": ") }
}
