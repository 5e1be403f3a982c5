import Contracts
import ModelPackages
import Signal

/// Gateways' public keys, a file each. From the day a gateway has one its hellos, batches and reports count only
/// when it signed them.
package struct Enrolment: Sendable {
  let repository: PlaneRepository

  package init(_ repository: PlaneRepository) { self.repository = repository }

  private func path(_ gateway: PlaneTopics) -> String { repository.path("enrolled/\(gateway.fleet)/\(gateway.gateway).json") }

  package enum Standing: Sendable, Equatable {
    case unknown
    /// With its 32 bytes of public key.
    case enrolled([UInt8])
    /// Its key was stolen, or it left: nothing of it is taken.
    case expelled
  }

  package func standing(of gateway: PlaneTopics) throws(TrustError) -> Standing {
    guard let bytes = try DurableFile.read(path(gateway), maxBytes: 4096) else { return .unknown }
    let object = try? SignedJSONParser.parse(bytes)
    if object?["expelled"] == .flag(true) { return .expelled }
    guard let key = object?["keyval"]?["public"]?.text, let raw = ModelPackages.bytes(hex: key), raw.count == 32 else {
      throw TrustError(.malformed, "read", path(gateway), "it holds no key", remedy: "enroll the gateway again")
    }
    return .enrolled(raw)
  }

  /// Throws when the gateway is enrolled and this is not its signature.
  /// - Parameter message: a batch, a hello or a report.
  /// - Returns: whether it is enrolled.
  @discardableResult
  func check(_ message: [UInt8], from gateway: PlaneTopics) throws -> Bool {
    let name = "\(gateway.fleet)/\(gateway.gateway)"
    switch try standing(of: gateway) {
    case .unknown: return false
    case .expelled: throw PlaneMessageError.malformed("\(name) is expelled")
    case .enrolled(let key):
      guard let fault = BatchSignature.fault(message, publicKey: key) else { return true }
      throw PlaneMessageError.malformed("\(name) is enrolled, and this is \(fault)")
    }
  }
}

extension RepositoryEditor {
  /// Takes a gateway's public key; it replaces the one before.
  package func enroll(_ gateway: PlaneTopics, _ key: NamedKey) throws {
    try repository.makeFolders(["enrolled", gateway.fleet])
    let path = repository.path("enrolled/\(gateway.fleet)/\(gateway.gateway).json")
    try DurableFile.write(key.object.canonical, to: path, mode: 0o644)
    try record("enroll", "\(gateway.fleet)/\(gateway.gateway)", "key \(key.id.string.prefix(16))")
  }

  /// Forgets a gateway's key, for one that was stolen: until it is enrolled anew nothing of it is taken.
  package func expel(_ gateway: PlaneTopics) throws {
    try repository.makeFolders(["enrolled", gateway.fleet])
    let path = repository.path("enrolled/\(gateway.fleet)/\(gateway.gateway).json")
    // Not removed: never enrolled is something else.
    let expelled: SignedJSON = ["expelled": true]
    try DurableFile.write(expelled.canonical, to: path, mode: 0o644)
    try record("expel", "\(gateway.fleet)/\(gateway.gateway)")
  }
}
