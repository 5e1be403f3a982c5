import Crypto
import Signal

// The signed parts of the roles (TUF 1.0.34, section 4), as the plane writes them.

package enum MetadataForm {
  static let specification: SignedJSON = "1.0.34"

  /// - Parameter roles: keys and threshold of each of the four.
  package static func root(
    version: Int64, expires: UnixTime, roles: [UTF8Text: (keys: [NamedKey], threshold: Int)]
  ) -> SignedJSON {
    let keys = roles.values.flatMap(\.keys).map { ($0.id, $0.object) }
    return header("root", version, expires).merging([
      "consistent_snapshot": true, "keys": SignedJSON(members: Dictionary(keys) { $1 }),
      "roles": SignedJSON(members: roles.mapValues { signers($0.keys, $0.threshold) }),
    ])
  }

  package static func targets(version: Int64, expires: UnixTime) -> SignedJSON {
    header("targets", version, expires).merging(["targets": [:]])
  }

  /// A role that alone speaks for these paths.
  package static func delegation(_ role: UTF8Text, paths: [String], keys: [NamedKey], threshold: Int) -> SignedJSON {
    signers(keys, threshold).merging([
      "name": .text(role), "terminating": true, "paths": .array(paths.map { .text(UTF8Text($0)) }),
    ])
  }

  package static func target(_ bytes: [UInt8], custom: SignedJSON? = nil) -> SignedJSON {
    let file = listing(bytes)
    return custom.map { file.merging(["custom": $0]) } ?? file
  }

  /// - Parameter files: the metadata files it lists, with their versions.
  package static func snapshot(version: Int64, expires: UnixTime, files: [UTF8Text: (version: Int64, bytes: [UInt8])])
    -> SignedJSON
  {
    let meta = files.mapValues { file in listing(file.bytes).merging(["version": .integer(file.version)]) }
    return header("snapshot", version, expires).merging(["meta": SignedJSON(members: meta)])
  }

  /// - Parameters:
  ///   - issued: now; the lower bound of the time for whoever has no clock.
  ///   - audit: the head of the plane's log, so that every gateway is a witness to it.
  package static func timestamp(
    version: Int64, expires: UnixTime, issued: UnixTime, snapshot: (version: Int64, bytes: [UInt8]), audit: String?
  ) -> SignedJSON {
    let file = listing(snapshot.bytes).merging(["version": .integer(snapshot.version)])
    let timestamp = header("timestamp", version, expires).merging(["meta": ["snapshot.json": file], "x-issued": time(issued)])
    return audit.map { timestamp.merging(["x-audit": .text(UTF8Text($0))]) } ?? timestamp
  }

  /// To the second, as metadata has it.
  package static func time(_ time: UnixTime) -> SignedJSON { .text(UTF8Text(String(time.rfc3339.prefix(19)) + "Z")) }

  package static func sha256(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

  private static func header(_ type: String, _ version: Int64, _ expires: UnixTime) -> SignedJSON {
    ["_type": .text(UTF8Text(type)), "spec_version": specification, "version": .integer(version), "expires": time(expires)]
  }

  private static func signers(_ keys: [NamedKey], _ threshold: Int) -> SignedJSON {
    ["keyids": .array(keys.map { .text($0.id) }), "threshold": .integer(Int64(threshold))]
  }

  private static func listing(_ bytes: [UInt8]) -> SignedJSON {
    ["length": .integer(Int64(bytes.count)), "hashes": ["sha256": .text(UTF8Text(sha256(bytes)))]]
  }
}

extension SignedJSON {
  /// The same object with these members set.
  package func merging(_ other: SignedJSON) -> SignedJSON { SignedJSON(members: members.merging(other.members) { $1 }) }
}
