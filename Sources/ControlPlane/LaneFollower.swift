import Contracts

/// One lane of one epoch as the plane follows it: which batches continue the log, which repeat it, which contradict it. Pure.
struct LaneFollower: Equatable {
  enum Judgement: Equatable {
    /// It continues the log: store it, commit, then acknowledge.
    case next
    /// Already stored, to the byte: acknowledge it again.
    case repeated
    /// The same numbers with another hash: keep it among the conflicts.
    case fork
    /// Ahead of its turn, or of a daemon's earlier life: say what is expected.
    case refused

    var isStored: Bool { self == .next || self == .repeated }
  }

  /// The number and hash of the newest stored event; 0 and the epoch before the first.
  private(set) var through: UInt64
  private(set) var hash: ChainHash

  init(through: UInt64, hash: ChainHash) {
    self.through = through
    self.hash = hash
  }

  init(from epoch: Epoch) { self.init(through: 0, hash: ChainHash(epoch)) }

  var expected: UInt64 { through + 1 }

  /// - Parameters:
  ///   - incarnation: the highest that was seen in this epoch.
  ///   - stored: the chain at a number that is stored.
  func judge<Failure: Error>(
    _ batch: EventBatch, incarnation: UInt64, stored: (UInt64) throws(Failure) -> ChainHash?
  ) throws(Failure) -> Judgement {
    let header = batch.header
    if header.incarnation < incarnation { return .refused }
    if header.first == expected { return header.prevHash == hash ? .next : .refused }
    if header.first > expected { return .refused }
    let overlap = min(header.last, through)
    // A gap may reach over the end of what is stored: it says nothing against it.
    guard let theirs = batch.hash(at: overlap) else { return .refused }
    let ours = try stored(overlap)
    guard ours == nil || theirs == ours else { return .fork }
    return header.last <= through ? .repeated : .refused
  }

  mutating func advance(over batch: EventBatch) { (through, hash) = (batch.header.last, batch.header.hash) }
}

extension EventBatch {
  /// The chain after one of its events; `nil` within a gap.
  func hash(at number: UInt64) -> ChainHash? { numbers.firstIndex(of: number).map { hashes[$0] } }
}
