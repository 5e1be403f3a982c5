import ModelPackages

/// A gateway's metadata in memory. `failAt`: the how-manieth change does not happen, and throws.
final class MemoryStore: MetadataStore {
  var files: [UTF8Text: [UInt8]]
  var failAt: Int?
  private(set) var changes = 0

  init(_ files: [UTF8Text: [UInt8]] = [:]) { self.files = files }

  func read(_ role: UTF8Text, maxBytes: Int) -> [UInt8]? { files[role].flatMap { $0.count <= maxBytes ? $0 : nil } }

  func write(_ role: UTF8Text, _ bytes: [UInt8]) throws(TrustError) {
    try count(role)
    files[role] = bytes
  }

  func remove(_ role: UTF8Text) throws(TrustError) {
    try count(role)
    files[role] = nil
  }

  private func count(_ role: UTF8Text) throws(TrustError) {
    changes += 1
    if changes == failAt { throw TrustError(.storage, "write", role, "the power went") }
  }
}
