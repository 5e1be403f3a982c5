/// A gateway asks for a part of a file of the plane's repository: `up/request/<id>`. The same question has the same answer.
package struct ChunkRequest: PlaneMessage {
  /// Below the repository, as TUF's tools lay it out: `metadata/…` or `targets/…`.
  package var path: String
  /// Of the whole file, where the gateway knows it: a part of another file is no answer.
  @OrNull package var sha256: String?
  package var offset: Int64
  package var length: Int

  /// Bytes in one answer.
  package static let mostBytes = 49_152
  /// Questions that a gateway may have unanswered.
  package static let mostOutstanding = 4

  package init(path: String, sha256: String? = nil, offset: Int64, length: Int) {
    self.path = path
    self.sha256 = sha256
    self.offset = offset
    self.length = length
  }

  package var isValid: Bool {
    (1...1024).contains(path.utf8.count) && offset >= 0 && (1...Self.mostBytes).contains(length) && sha256?.utf8.count ?? 64 == 64
  }
}

/// The first line of `down/response/<id>`.
package struct ChunkHeader: PlaneMessage {
  package var path: String
  @OrNull package var sha256: String?
  /// Bytes of the whole file.
  package var total: Int64
  package var offset: Int64
  package var status: Status

  package enum Status: String, Codable, Sendable {
    case ok
    /// An answer; silence is none.
    case notFound = "not_found"
    /// The rollout of this package is halted in the gateway's fleet: ask again later.
    case held
    /// Nothing that a gateway may ask for.
    case refused
  }

  package init(path: String, sha256: String?, total: Int64, offset: Int64, status: Status) {
    self.path = path
    self.sha256 = sha256
    self.total = total
    self.offset = offset
    self.status = status
  }

  package var isValid: Bool { total >= 0 && (0...total).contains(offset) && path.utf8.count <= 1024 }
}

/// An answer to a `ChunkRequest`: the header line, then the bytes as they are.
package struct ChunkResponse: Sendable, Equatable {
  package var header: ChunkHeader
  package var bytes: [UInt8]

  package init(_ header: ChunkHeader, bytes: [UInt8] = []) { (self.header, self.bytes) = (header, bytes) }

  package static let maxBytes = ChunkRequest.mostBytes + ChunkHeader.maxBytes

  package init(decoding payload: [UInt8]) throws(PlaneMessageError) {
    guard payload.count <= Self.maxBytes else { throw .tooLong(payload.count, Self.maxBytes, "ChunkResponse") }
    guard let end = payload.prefix(ChunkHeader.maxBytes + 1).firstIndex(of: UInt8(ascii: "\n")) else {
      throw .malformed("ChunkResponse: no header line")
    }
    header = try ChunkHeader.decode(Array(payload[..<end]))
    bytes = Array(payload[(end + 1)...])
  }

  package var encoded: [UInt8] { header.encoded + [UInt8(ascii: "\n")] + bytes }
}

/// `down/desired`, retained: only says "look". What is to run stands in signed metadata, never here.
package struct Desired: PlaneMessage {
  package var metadata: String

  package init(timestampVersion version: Int64) { metadata = "timestamp version \(version)" }

  package var isValid: Bool { metadata.utf8.count <= 256 }
}

/// Which of a gateway's reports this is: an older one, kept by a broker and played again, changes nothing at the plane.
package struct ReportStamp: Codable, Sendable, Equatable {
  package var epoch: Epoch
  package var incarnation: UInt64
  /// Rises with each report of a daemon's life.
  package var number: UInt64

  package init(epoch: Epoch, incarnation: UInt64, number: UInt64) {
    (self.epoch, self.incarnation, self.number) = (epoch, incarnation, number)
  }

  /// Of one epoch.
  package func isOlder(than other: ReportStamp) -> Bool { (incarnation, number) < (other.incarnation, other.number) }

  /// The report with this stamp as its last member.
  package func stamped(_ report: [UInt8]) -> [UInt8] {
    guard report.last == UInt8(ascii: "}") else { return report }
    return report.dropLast() + Array(#","stamp":"#.utf8) + JSON.encode(self) + [UInt8(ascii: "}")]
  }
}
