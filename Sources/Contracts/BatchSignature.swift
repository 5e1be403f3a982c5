import Crypto

/// A batch signed by its gateway (docs/PROTOCOL "Lanes"): the header line ends with `,"key_id":"…","sig":"…"}`, and the signature is over
/// all of the line before `,"sig"`. The line holds the chain's hash after the last event, so the events are signed for too. A hello and a
/// report are such a line alone.
package enum BatchSignature {
  /// What a gateway signs with: Ed25519, over bytes, 64 bytes.
  package typealias Signer = @Sendable ([UInt8]) -> [UInt8]?

  /// Lower-case hex of SHA-256 of the 32 bytes.
  package static func keyID(_ publicKey: [UInt8]) -> String { hex(SHA256.hash(data: publicKey)) }

  /// - Returns: the batch with its signature; `nil` when the key does not sign, or this is no batch.
  package static func signed(_ batch: [UInt8], keyID: String, _ signer: Signer) -> [UInt8]? {
    let end = batch.firstIndex(of: newline) ?? batch.endIndex
    guard batch[..<end].last == UInt8(ascii: "}") else { return nil }
    let line = batch[..<(end - 1)] + Array(#","key_id":"\#(keyID)""#.utf8)
    guard let signature = signer(Array(line)) else { return nil }
    return line + Array(#","sig":"\#(hex(signature))"}"#.utf8) + batch[end...]
  }

  /// Why the batch is not signed by that key; `nil` when it is.
  package static func fault(_ batch: [UInt8], publicKey: [UInt8]) -> String? {
    let line = batch.prefix { $0 != newline }
    // `,"sig":"`, 128 digits, `"}`
    let tail = line.suffix(8 + 128 + 2)
    guard tail.starts(with: #","sig":""#.utf8), tail.suffix(2).elementsEqual(#""}"#.utf8) else { return "not signed" }
    let before = line.dropLast(tail.count)
    guard before.suffix(76).elementsEqual(#","key_id":"\#(keyID(publicKey))""#.utf8) else { return "signed by another key" }
    let text = String(decoding: tail.dropFirst(8).dropLast(2), as: UTF8.self)
    guard let signature = SignatureHex(hex: text)?.bytes,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey),
      key.isValidSignature(signature, for: Array(before))
    else { return "the signature is wrong" }
    return nil
  }

  private static let newline = UInt8(ascii: "\n")
  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

private struct SignatureHex: HexCoded {
  static let sizes = [64]
  let bytes: [UInt8]
  init(unchecked bytes: [UInt8]) { self.bytes = bytes }
}
