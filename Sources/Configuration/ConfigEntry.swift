/// A key of the configuration as the code asks for it.
package struct ConfigEntry: Sendable, Equatable {
  /// As `source[2].qos`.
  package var path: String
  /// What may stand there, in words.
  package var expected: String
  /// As it would be written; `nil`: not given.
  package var given: String?
  /// What counts where none is given; `nil`: nothing does, or it must be given.
  package var fallback: String?
  /// The same as a value; `nil`: not given, or tables.
  var givenValue: ConfigValue?
  /// Tables: what counts are the keys in them.
  package var isContainer = false

  /// What counts.
  package var effective: String? { given ?? fallback }
  package var table: String { path.lastIndex(of: ".").map { String(path[..<$0]) } ?? "" }
  package var key: String { path.lastIndex(of: ".").map { String(path[path.index(after: $0)...]) } ?? path }
}
