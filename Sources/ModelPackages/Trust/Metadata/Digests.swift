import Crypto

/// The digests that signed metadata gives of a file; all of them must be right.
package struct Digests: Sendable, Equatable {
  /// Lower-case hex by the algorithm's name.
  private let expected: [UTF8Text: UTF8Text]

  init(_ fields: Fields) throws(TrustError) {
    guard !fields.members.isEmpty else { throw TrustError(.malformed, "read", fields.path, "expected a digest") }
    var expected: [UTF8Text: UTF8Text] = [:]
    for member in fields.members { expected[member.name] = try fields.text(member.name) }
    self.expected = expected
  }

  /// SHA-256 in hex, or SHA-512 where there is no other: the name of a file in a repository with consistent snapshots.
  package var name: UTF8Text? {
    guard let name = expected["sha256"] ?? expected["sha512"], bytes(hex: name) != nil else { return nil }
    return name
  }

  func hasher() -> FileHasher { FileHasher(expected.keys) }

  /// Why the file is another one; `nil` when it is the right one. A digest of an unknown kind is not right.
  func fault(_ hasher: FileHasher) -> String? {
    for (algorithm, digest) in expected.sorted(by: { $0.key < $1.key }) {
      guard let actual = hasher.digest(algorithm) else { return "digest of an unknown kind, \(algorithm)" }
      guard UTF8Text(actual) == digest else { return "its \(algorithm) is \(actual), expected \(digest)" }
    }
    return nil
  }

  func fault(_ bytes: [UInt8]) -> String? {
    var hasher = hasher()
    hasher.update(bytes)
    return fault(hasher)
  }
}

/// The digests of the kinds that are asked for, over the bytes so far.
struct FileHasher {
  private var sha256: SHA256?
  private var sha512: SHA512?

  fileprivate init(_ algorithms: some Sequence<UTF8Text>) {
    if algorithms.contains("sha256") { sha256 = SHA256() }
    if algorithms.contains("sha512") { sha512 = SHA512() }
  }

  mutating func update(_ bytes: some Sequence<UInt8>) {
    let data = Array(bytes)
    sha256?.update(data: data)
    sha512?.update(data: data)
  }

  /// Lower-case hex; `nil` for an unknown algorithm.
  fileprivate func digest(_ algorithm: UTF8Text) -> String? {
    switch algorithm {
    case "sha256": sha256.map { hex($0.finalize()) }
    case "sha512": sha512.map { hex($0.finalize()) }
    default: nil
    }
  }
}
