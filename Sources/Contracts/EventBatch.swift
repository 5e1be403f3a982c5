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

  package enum Codec: String, Codable, Sendable {
    case json
    /// The body is one zstd frame; the chain is that of the lines in it.
    case zstd = "json+zstd"
  }

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
  /// The number that each event has, or that each gap ends with.
  package let numbers: [UInt64]
  /// The chain after each event or gap.
  package let hashes: [ChainHash]

  /// A batch is at most this long, except for a single event that is longer.
  package static let maxBytes = 64 * 1024
  /// A plane refuses what is longer, and more events than this.
  package static let maxReceivedBytes = 1024 * 1024
  package static let maxEvents = 4096

  /// - Parameter events: at least one, none empty, none with a newline; a gap stands as its line.
  package init(epoch: Epoch, incarnation: UInt64, lane: Lane, first: UInt64, prevHash: ChainHash, events: [[UInt8]]) {
    self.events = events
    (numbers, hashes) = chain(events, from: first, after: prevHash) ?? ([], [])
    header = BatchHeader(
      epoch: epoch, incarnation: incarnation, lane: lane, first: first, last: numbers.last ?? first, prevHash: prevHash,
      hash: hashes.last ?? prevHash)
  }

  package var encoded: [UInt8] { header.encoded + [newline] + body }

  private var body: [UInt8] { Array(events.joined(separator: [newline])) }

  /// With a compressed body where that is shorter.
  package var compressed: [UInt8] {
    guard let body = Zstd.compress(body) else { return encoded }
    var header = header
    header.codec = .zstd
    return header.encoded + [newline] + body
  }

  /// Refuses what is too long, not as many events as its header says, or not the chain its header says.
  package init(decoding payload: [UInt8]) throws(PlaneMessageError) {
    guard payload.count <= Self.maxReceivedBytes else { throw .tooLong(payload.count, Self.maxReceivedBytes, "EventBatch") }
    let parts = payload.split(separator: newline, maxSplits: 1, omittingEmptySubsequences: false)
    header = try BatchHeader.decode(Array(parts[0]))
    let body = try Self.body(Array(parts.dropFirst().first ?? []), header)
    var lines = body.split(separator: newline, maxSplits: Self.maxEvents + 1, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    events = lines.map(Array.init)
    guard !events.contains(where: \.isEmpty) else { throw .malformed("batch \(header.first)...\(header.last): an empty event") }
    let made = events.count <= Self.maxEvents ? chain(events, from: header.first, after: header.prevHash) : nil
    guard let made, made.numbers.last == header.last else {
      throw .malformed("batch \(header.first)...\(header.last): got \(events.count) events")
    }
    (numbers, hashes) = made
    guard hashes.last == header.hash else {
      throw .malformed("batch \(header.first)...\(header.last): the events do not make the hash of the header")
    }
  }

  /// A compressed body may not hold more than a plain one.
  private static func body(_ bytes: [UInt8], _ header: BatchHeader) throws(PlaneMessageError) -> [UInt8] {
    guard header.codec == .zstd else { return bytes }
    guard let body = Zstd.decompress(bytes, most: maxReceivedBytes) else {
      throw .malformed("batch \(header.first)...\(header.last): its body is no zstd frame of at most \(maxReceivedBytes) bytes")
    }
    return body
  }
}

private let newline = UInt8(ascii: "\n")

/// - Returns: `nil` when a gap does not begin where it stands.
private func chain(_ events: [[UInt8]], from first: UInt64, after start: ChainHash) -> (numbers: [UInt64], hashes: [ChainHash])? {
  var (number, hash) = (first - 1, start)
  var (numbers, hashes): ([UInt64], [ChainHash]) = ([], [])
  for event in events {
    if let gap = GapLine(event) {
      guard gap.from == number + 1 else { return nil }
      (number, hash) = (gap.to, gap.hash)
    } else {
      (number, hash) = (number + 1, hash.appending(event))
    }
    numbers.append(number)
    hashes.append(hash)
  }
  return (numbers, hashes)
}

/// What stands in a batch in the place of events that are kept no more: `{"gap":{…}}`. The chain goes on from its hash.
package struct GapLine: Codable, Sendable, Equatable {
  package var from: UInt64
  package var to: UInt64
  /// `evicted`, `delivered` (to a plane that has forgotten it), `damaged`.
  package var reason: String
  package var count: Int
  package var hash: ChainHash

  package init(from: UInt64, to: UInt64, reason: String, count: Int, hash: ChainHash) {
    (self.from, self.to, self.reason, self.count, self.hash) = (from, to, reason, count, hash)
  }

  private struct Line: Codable { var gap: GapLine }

  package var encoded: [UInt8] { JSON.encode(Line(gap: self)) }

  /// `nil` when it is an event.
  package init?(_ line: [UInt8]) {
    guard line.starts(with: Self.beginning), let read = try? JSON.decode(Line.self, from: line) else { return nil }
    guard read.gap.from >= 1, read.gap.to >= read.gap.from, read.gap.to < maxNumber, read.gap.count >= 0 else { return nil }
    self = read.gap
  }

  private static let beginning = Array(#"{"gap":{"#.utf8)
}
