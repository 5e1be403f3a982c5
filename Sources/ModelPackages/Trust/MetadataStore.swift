import Glibc

/// Where verified metadata is kept between updates, a file per role.
package protocol MetadataStore {
  /// `nil` when there is none, or none that may be right: longer than `maxBytes`.
  func read(_ role: UTF8Text, maxBytes: Int) throws(TrustError) -> [UInt8]?
  /// All of it or nothing, whenever the power goes.
  func write(_ role: UTF8Text, _ bytes: [UInt8]) throws(TrustError)
  func remove(_ role: UTF8Text) throws(TrustError)
}

/// A folder with `root.json`, `timestamp.json`, and so on; names of delegated roles are percent-encoded.
package struct MetadataFolder: MetadataStore {
  private let path: String

  /// - Parameter path: of a folder that is there.
  package init(_ path: String) { self.path = path }

  package func read(_ role: UTF8Text, maxBytes: Int) throws(TrustError) -> [UInt8]? {
    let bytes = try DurableFile.read(file(role), maxBytes: maxBytes + 1)
    return bytes.flatMap { $0.count <= maxBytes ? $0 : nil }
  }

  package func write(_ role: UTF8Text, _ bytes: [UInt8]) throws(TrustError) { try DurableFile.write(bytes, to: file(role)) }

  package func remove(_ role: UTF8Text) throws(TrustError) { try DurableFile.remove(file(role)) }

  private func file(_ role: UTF8Text) -> String { "\(path)/\(role.percentEncoded).json" }
}
