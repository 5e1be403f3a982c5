/// The first line of a batch: which events of which chain follow.
package struct BatchHeader: PlaneMessage {
  package var v = 1
  package var epoch: Epoch
  package var incarnation: UInt64
  package var lane: Lane
  package var first: UInt64
  package var last: UInt64
  /// The chain before `first`.
  package var prevHash: ChainHash
  /// The chain after `last`.
  package var hash: ChainHash
  package var codec = Codec.json

  package enum Codec: String, Codable, Sendable { case json }

  package init(
    epoch: Epoch, incarnation: UInt64, lane: Lane, first: UInt64, last: UInt64, prevHash: ChainHash, hash: ChainHash
  ) {
    self.epoch = epoch
    self.incarnation = incarnation
    self.lane = lane
    self.first = first
    self.last = last
    self.prevHash = prevHash
    self.hash = hash
  }

  package var isValid: Bool { v == 1 && first >= 1 && last >= first && last < maxNumber && incarnation <= maxNumber }
}

/// Consecutive events of one lane as they travel: a header line, then an event a line. The bytes sent are the bytes stored.
package struct EventBatch: Sendable, Equatable {
  package let header: BatchHeader
  package let events: [[UInt8]]
  /// The chain after each event.
  package let hashes: [ChainHash]

  /// A batch is at most this long, except for a single event that is longer.
  package static let maxBytes = 64 * 1024
  /// A plane refuses what is longer, and more events than this.
  package static let maxReceivedBytes = 1024 * 1024
  package static let maxEvents = 4096

  /// - Parameter events: at least one, none empty, none with a newline.
  package init(epoch: Epoch, incarnation: UInt64, lane: Lane, first: UInt64, prevHash: ChainHash, events: [[UInt8]]) {
    self.events = events
    hashes = chain(events, after: prevHash)
    header = BatchHeader(
      epoch: epoch, incarnation: incarnation, lane: lane, first: first, last: first + UInt64(events.count) - 1,
      prevHash: prevHash,
      hash: hashes.last ?? prevHash)
  }

  package var encoded: [UInt8] { Array(([header.encoded] + events).joined(separator: [newline])) }

  /// Refuses what is too long, not as many events as its header says, or not the chain its header says.
  package init(decoding payload: [UInt8]) throws(PlaneMessageError) {
    guard payload.count <= Self.maxReceivedBytes else { throw .tooLong(payload.count, Self.maxReceivedBytes, "EventBatch") }
    var lines = payload.split(separator: newline, maxSplits: Self.maxEvents + 1, omittingEmptySubsequences: false)
    if lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
    header = try BatchHeader.decode(Array(lines[0]))
    events = lines.dropFirst().map(Array.init)
    guard events.count <= Self.maxEvents, UInt64(events.count) == header.last - header.first + 1 else {
      throw .malformed("batch \(header.first)...\(header.last): got \(events.count) events")
    }
    guard !events.contains(where: \.isEmpty) else { throw .malformed("batch \(header.first)...\(header.last): an empty event") }
    hashes = chain(events, after: header.prevHash)
    guard hashes.last == header.hash else {
      throw .malformed("batch \(header.first)...\(header.last): the events do not make the hash of the header")
    }
  }
}

private let newline = UInt8(ascii: "\n")

private func chain(_ events: [[UInt8]], after start: ChainHash) -> [ChainHash] {
  var hash = start
  return events.map { event in
    hash = hash.appending(event)
    return hash
  }
}
