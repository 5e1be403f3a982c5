import Contracts
import ModelPackages
import Signal

/// Who did what to the repository: a line an act, each with the digest of the line before it. Timestamp metadata carries the head, so
/// that every gateway has seen how far it went.
package struct PlaneAudit: Sendable {
  let path: String

  package struct Entry: Codable, Sendable, Equatable {
    package var number: Int
    package var at: UnixTime
    /// The user at the plane.
    package var by: String
    package var act: String
    package var object: String
    package var detail: String
    /// SHA-256 of the line before, in hex; 64 zeros before the first.
    package var previous: String
  }

  static let start = String(repeating: "0", count: 64)
  private static let maxBytes = 64 << 20

  /// All entries, and the head.
  /// - Throws: when a line does not follow from the one before it.
  package func read() throws -> (entries: [Entry], head: String) {
    let bytes = try DurableFile.read(path, maxBytes: Self.maxBytes) ?? []
    var (entries, head): ([Entry], String) = ([], Self.start)
    for line in bytes.split(separator: 0x0A) {
      guard let entry = try? JSON.decode(Entry.self, from: line), entry.previous == head, entry.number == entries.count + 1 else {
        throw PlaneError(
          "check", path, reason: "entry \(entries.count + 1) does not follow from the one before it",
          remedy: "somebody changed the log; compare with a copy, and see docs/SECURITY.md")
      }
      entries.append(entry)
      head = MetadataForm.sha256(Array(line))
    }
    return (entries, head)
  }

  /// - Returns: the new head.
  func append(at now: UnixTime, by actor: String, _ act: String, _ object: String, _ detail: String) throws -> String {
    let (entries, head) = try read()
    let entry = Entry(
      number: entries.count + 1, at: now, by: actor, act: act, object: object, detail: detail, previous: head)
    let line = JSON.encode(entry)
    try DurableFile.append(line + [0x0A], to: path)
    return MetadataForm.sha256(line)
  }
}
