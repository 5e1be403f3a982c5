import Crypto
import ModelPackages
import Testing

/// The keys of `scripts/golden/tuf_repository.py`, by their numbers: anybody may sign with them.
struct TestKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey
  let id: String
  /// As metadata names it.
  let object: String

  /// By their numbers, from 0.
  private static let all = Result { try (0...13).map(TestKey.init) }

  static func number(_ number: Int) throws -> TestKey { try all.get()[number] }

  private init(_ number: Int) throws {
    key = try Curve25519.Signing.PrivateKey(rawRepresentation: SHA256.hash(data: Array("thrum test key \(number)".utf8)))
    let value = hex(key.publicKey.rawRepresentation)
    object = #"{"keytype":"ed25519","keyval":{"public":"\#(value)"},"scheme":"ed25519"}"#
    id = hex(SHA256.hash(data: Array(object.utf8)))
  }

  /// One entry of `signatures`.
  func signature(over payload: [UInt8]) throws -> String {
    #"{"keyid":"\#(id)","sig":"\#(hex(try key.signature(for: payload)))"}"#
  }
}

/// The file around a signed part, signed as it stands.
func envelope(_ signed: [UInt8], keys: [Int]) throws -> [UInt8] {
  let signatures = try keys.map { try TestKey.number($0).signature(over: signed) }.joined(separator: ",")
  return Array("{\"signatures\":[\(signatures)],\"signed\":".utf8) + signed + Array("}".utf8)
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func bytes(hex text: some StringProtocol) throws -> [UInt8] {
  try stride(from: 0, to: text.count, by: 2).map { offset in
    let start = text.index(text.startIndex, offsetBy: offset)
    return try #require(UInt8(text[start..<text.index(start, offsetBy: 2)], radix: 16))
  }
}
