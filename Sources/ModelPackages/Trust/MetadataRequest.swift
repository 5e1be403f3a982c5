/// A metadata file to be fetched.
package struct MetadataRequest: Sendable, Equatable, CustomStringConvertible {
  package let role: UTF8Text
  /// `nil`: the newest there is, under its plain name.
  package let version: Int64?
  package let maxBytes: Int

  /// The file's name in a repository: `timestamp.json`, `7.targets.json`; a role's name is percent-encoded.
  package var fileName: String { (version.map { "\($0)." } ?? "") + role.urlEncoded + ".json" }

  package var description: String { fileName }
}
