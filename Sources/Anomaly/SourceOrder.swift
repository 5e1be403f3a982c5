import Signal

/// What numbers and times tell about a frame's or a reading's place.
protocol Arrival {
  var sequence: UInt64? { get }
  var startTime: UnixTime? { get }
  var receivedAt: UnixTime { get }
  var sampleDigest: UInt64 { get }
  var durationSeconds: Double { get }
  /// From one sample to the next, seconds.
  var sampleSeconds: Double { get }
}

extension Frame: Arrival {
  var sampleSeconds: Double { 1 / sampleRateHz }
}

extension Reading: Arrival {
  var startTime: UnixTime? { time }
  var sampleDigest: UInt64 { digest }
  var durationSeconds: Double { 0 }
  var sampleSeconds: Double { 0 }
}

/// Where a frame stands among those of its point: next, sent again, or late. The rule is explained in docs/decisions/source-numbering.md.
struct SourceOrder: Sendable {
  private(set) var sequences: SequenceRanges
  private var clock: SourceClock
  private(set) var newestDigest: UInt64?
  /// Digests of the numbering's frames 0 and 1, where this process saw them.
  private var openingDigests: [UInt64: UInt64] = [:]
  private var last: Tail?

  enum Place: Equatable {
    /// To be taken; `joins` when its first sample follows the last one taken.
    case next(joins: Bool)
    /// To be taken; the source began to number again.
    case anew
    /// Taken before: the publisher sent it again.
    case again
    /// Older than what was taken, and not seen before.
    case late
    /// Its capture time is not where the source's clock was.
    case jumped
  }

  /// The end of the frame taken last.
  private struct Tail {
    var sequence: UInt64?
    var end: UnixTime?
    var isBroken = false
  }

  /// - Parameters:
  ///   - newestCapture: capture time of the newest frame taken.
  ///   - expectedIntervalSeconds: between frames, as the source promises.
  init(
    sequences: SequenceRanges = SequenceRanges(), newestCapture: UnixTime? = nil, newestDigest: UInt64? = nil,
    expectedIntervalSeconds: Double? = nil
  ) {
    self.sequences = sequences
    clock = SourceClock(newest: newestCapture, expectedIntervalSeconds: expectedIntervalSeconds)
    self.newestDigest = newestDigest
  }

  func place(of frame: some Arrival) -> Place {
    if let sequence = frame.sequence {
      let place = place(of: sequence, frame)
      if case .next = place, clock.jumps(frame) { return .jumped }
      return place
    }
    guard let start = frame.startTime, let newest = clock.newest else { return .next(joins: joins(frame)) }
    if start <= newest, frame.sampleDigest == newestDigest { return .again }
    if clock.jumps(frame) { return .jumped }
    if start > newest { return .next(joins: joins(frame)) }
    return clock.wasSet(frame) ? .next(joins: false) : .late
  }

  /// Books a frame whose samples are used.
  /// - Returns: by how many the missing frames changed.
  mutating func take(_ frame: some Arrival, at place: Place) -> Int {
    last = Tail(sequence: frame.sequence, end: frame.startTime?.advanced(bySeconds: frame.durationSeconds))
    clock.take(frame)
    newestDigest = frame.sampleDigest
    return number(frame, at: place)
  }

  /// Books a frame whose samples are not used: it was received, and the samples after it follow nothing.
  /// - Returns: by how many the missing frames changed.
  mutating func pass(_ frame: some Arrival, at place: Place) -> Int {
    if place == .jumped { clock.suspect(frame) }
    if place != .late { interrupt() }
    return number(frame, at: place)
  }

  /// Order of delivery no longer proves that the next frame follows; a sequence or a capture time still can.
  mutating func interrupt() { last?.isBroken = true }

  private mutating func number(_ frame: some Arrival, at place: Place) -> Int {
    guard let sequence = frame.sequence else { return 0 }
    if place == .anew {
      sequences = SequenceRanges()
      openingDigests = [:]
    }
    if sequence <= Self.firstNumbers { openingDigests[sequence] = frame.sampleDigest }
    return Int(clamping: sequences.insert(sequence) ?? 0)
  }
}

extension SourceOrder {
  private func place(of sequence: UInt64, _ frame: some Arrival) -> Place {
    guard let highest = sequences.highest else { return .next(joins: false) }
    if sequence > highest { return sequence - highest > Self.longestJump ? .anew : .next(joins: joins(frame)) }
    if beganAgain(sequence, highest: highest, frame) { return .anew }
    if sequences.contains(sequence) { return .again }
    return highest - sequence > Self.longestJump ? .anew : .late
  }

  /// A sequence that is not higher than the highest: a newer capture time tells a sensor that started again from a frame sent again;
  /// without one, a first number with other samples than that number had.
  private func beganAgain(_ sequence: UInt64, highest: UInt64, _ frame: some Arrival) -> Bool {
    if let start = frame.startTime, let newest = clock.newest, start > newest { return true }
    guard sequence <= Self.firstNumbers, highest >= Self.shortestNumbering else { return false }
    if let opening = openingDigests[sequence] { return frame.sampleDigest != opening }
    return frame.startTime == nil
  }

  /// Both sequence and time must allow it where both are known.
  private func joins(_ frame: some Arrival) -> Bool {
    guard let last else { return false }
    let error = frame.startTime.flatMap { start in last.end.map { abs(start.seconds(since: $0)) } }
    if let sequence = frame.sequence, let before = last.sequence {
      return sequence == before &+ 1 && (error ?? 0) <= frame.durationSeconds / 2
    }
    return error.map { $0 <= Self.tolerance(frame) } ?? !last.isBroken
  }

  /// Half a sample, or the millisecond that many sources round to, never more than a tenth of the frame.
  private static func tolerance(_ frame: some Arrival) -> Double {
    min(max(0.5 * frame.sampleSeconds, 0.001_001), frame.durationSeconds / 10)
  }

  static let longestJump: UInt64 = 1_000_000
  /// Sources count from 0 or from 1.
  static let firstNumbers: UInt64 = 1
  /// A lower highest number may be a first number that was overtaken.
  static let shortestNumbering: UInt64 = 16
}
