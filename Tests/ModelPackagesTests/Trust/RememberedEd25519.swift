import ModelPackages
import Synchronization

/// Ed25519 that checks the same signature over the same bytes once: thousands of updates share most of theirs.
final class RememberedEd25519: SignatureScheme {
  private let answers = Mutex<[Question: Bool]>([:])

  private struct Question: Hashable {
    let key: PublicKey
    let signature: [UInt8]
    let payload: [UInt8]

    func hash(into hasher: inout Hasher) { signature.withUnsafeBytes { hasher.combine(bytes: $0) } }
  }

  func verifies(_ key: PublicKey) -> Bool { Ed25519().verifies(key) }

  func isValid(_ signature: [UInt8], by key: PublicKey, over payload: [UInt8]) -> Bool {
    let question = Question(key: key, signature: signature, payload: payload)
    if let answer = answers.withLock({ $0[question] }) { return answer }
    let answer = Ed25519().isValid(signature, by: key, over: payload)
    answers.withLock { $0[question] = answer }
    return answer
  }
}
