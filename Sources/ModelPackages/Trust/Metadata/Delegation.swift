import Crypto

/// A role that may vouch for some paths, under keys of its own.
struct Delegation {
  let role: UTF8Text
  let signers: Signers
  /// What this role does not know nobody behind it may say.
  let isTerminating: Bool
  private let paths: Paths

  private enum Paths {
    case patterns([UTF8Text])
    /// Of the path's SHA-256 in lower-case hex.
    case hashPrefixes([UTF8Text])
  }

  static func all(_ fields: Fields, _ policy: TrustPolicy) throws(TrustError) -> [Delegation] {
    let keys = try fields.keys(policy)
    var delegations: [Delegation] = []
    var names: Set<UTF8Text> = []
    for element in try fields.array("roles") {
      let delegation = try Delegation(try Fields(element, .member("roles", of: fields.path)), keys)
      guard names.insert(delegation.role).inserted else { throw fields.malformed("roles", "\(delegation.role) twice") }
      delegations.append(delegation)
    }
    guard fields.optional("succinct_roles") == nil else { throw fields.malformed("succinct_roles", "not supported") }
    return delegations
  }

  private init(_ fields: Fields, _ keys: [UTF8Text: PublicKey]) throws(TrustError) {
    role = try fields.text("name")
    guard !role.isEmpty, !UTF8Text.topLevelRoles.contains(role), role.bytes.count <= Self.maxNameBytes else {
      throw fields.malformed("name", "no name for a delegated role: \(role)")
    }
    signers = try Signers(fields, keys: keys)
    isTerminating = try fields.flag("terminating")
    let hasPaths = fields.optional("paths") != nil
    guard hasPaths != (fields.optional("path_hash_prefixes") != nil) else {
      throw fields.malformed("paths", "expected paths or path_hash_prefixes")
    }
    paths = hasPaths ? .patterns(try fields.texts("paths")) : .hashPrefixes(try fields.texts("path_hash_prefixes"))
  }

  /// With every byte percent-encoded it is still the name of a file.
  private static let maxNameBytes = 80

  func covers(_ path: UTF8Text) -> Bool {
    switch paths {
    case .patterns(let patterns): patterns.contains { PathPattern.matches($0, path) }
    case .hashPrefixes(let prefixes):
      prefixes.contains { hex(SHA256.hash(data: path.bytes)).utf8.starts(with: $0.bytes) }
    }
  }
}

/// Patterns of target paths (specification, section 4.5): `*` any characters, `?` one, neither of them a `/`.
enum PathPattern {
  /// A `[` matches nothing: some readers take it for a set of characters, others for itself, and what is allowed must not depend on that.
  static func matches(_ pattern: UTF8Text, _ path: UTF8Text) -> Bool {
    let slash = Unicode.Scalar("/")
    let patterns = pattern.string.unicodeScalars.split(separator: slash, omittingEmptySubsequences: false)
    let parts = path.string.unicodeScalars.split(separator: slash, omittingEmptySubsequences: false)
    guard patterns.count == parts.count, !pattern.bytes.contains(UInt8(ascii: "[")) else { return false }
    return zip(patterns, parts).allSatisfy { matches(Array($0), Array($1)) }
  }

  /// Goes back to the last `*` only, so time is at most the product of the lengths.
  private static func matches(_ pattern: [Unicode.Scalar], _ text: [Unicode.Scalar]) -> Bool {
    var (p, t) = (0, 0)
    var star: (pattern: Int, text: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        (p, t) = (last.pattern + 1, last.text + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
