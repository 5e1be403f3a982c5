/// A metadata file as it came: the signed part, the bytes that were signed, and the signatures, none of them checked yet.
struct Envelope {
  let signed: Fields
  /// Canonical JSON of the signed part, made anew from the parsed tree: what the signatures are over.
  let payload: [UInt8]
  /// By key id; each comes once. Hex, or anything else.
  let signatures: [UTF8Text: UTF8Text]

  /// - Parameter name: of the file, for messages.
  init(_ bytes: [UInt8], name: UTF8Text) throws(TrustError) {
    let file = try Fields(try Self.parse(bytes, name), .file(name))
    let signed = try file.value("signed")
    self.signed = try Fields(signed, .file(name))
    payload = signed.canonical
    signatures = try Self.signatures(file)
  }

  private static func parse(_ bytes: [UInt8], _ name: UTF8Text) throws(TrustError) -> SignedJSON {
    do throws(SignedJSONError) { return try SignedJSONParser.parse(bytes) } catch {
      throw TrustError(.malformed, "read", name, error.description)
    }
  }

  /// "The keyid MUST be unique in the signatures array" (specification, section 4.2).
  private static func signatures(_ file: Fields) throws(TrustError) -> [UTF8Text: UTF8Text] {
    var signatures: [UTF8Text: UTF8Text] = [:]
    for element in try file.array("signatures") {
      let fields = try Fields(element, .member("signatures", of: file.path))
      let keyID = try fields.text("keyid")
      guard signatures.updateValue(try fields.text("sig"), forKey: keyID) == nil else {
        throw file.malformed("signatures", "two signatures of the key \(keyID)")
      }
    }
    return signatures
  }
}

/// What every role's signed part begins with.
struct Header {
  /// From 1.
  let version: Int64
  let expires: Expiry

  init(_ fields: Fields, type: UTF8Text) throws(TrustError) {
    let found = try fields.text("_type")
    guard found == type else { throw TrustError(.wrongType, "read", fields.path, "expected the type \(type), got \(found)") }
    let specification = try fields.text("spec_version")
    guard Self.isSupported(specification) else { throw fields.malformed("spec_version", "expected 1.x, got \(specification)") }
    version = try fields.integer("version", from: 1)
    guard let expires = Expiry(try fields.text("expires")) else {
      throw fields.malformed("expires", "expected a time like 2030-01-31T00:00:00Z")
    }
    self.expires = expires
  }

  /// Versions are X.Y.Z, and X.Y in older repositories; the first number is what must agree.
  private static func isSupported(_ version: UTF8Text) -> Bool {
    let parts = version.bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let areNumbers = parts.allSatisfy { part in
      !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    return (2...3).contains(parts.count) && areNumbers && parts[0].elementsEqual("1".utf8)
  }
}
