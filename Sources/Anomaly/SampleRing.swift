import Signal

/// The latest samples of a contiguous stream: full after `count` samples, and again every `hop` samples.
struct SampleRing {
  let count: Int
  /// Samples kept at most, `count` or more.
  let capacity: Int
  let hop: Int
  private var samples: [Float] = []
  /// Where the next sample goes.
  private var next = 0
  private(set) var held = 0
  /// Samples to come until it is full (again).
  private(set) var room: Int

  /// - Parameters:
  ///   - count: 0 or more.
  ///   - hop: 1 to `count`.
  ///   - capacity: of the latest samples it keeps; `count` where less is given.
  init(count: Int, hop: Int, capacity: Int = 0) {
    self.count = count
    self.hop = hop
    self.capacity = max(count, capacity)
    room = count
  }

  var isFull: Bool { room == 0 }

  /// - Parameter new: at most `room` samples.
  mutating func append(_ new: UnsafeBufferPointer<Float>) {
    precondition(new.count <= room)
    if samples.isEmpty { samples = [Float](repeating: 0, count: capacity) }
    let beforeEnd = min(new.count, capacity - next)
    samples.withUnsafeMutableBufferPointer { ring in
      Self.copy(UnsafeBufferPointer(rebasing: new[..<beforeEnd]), into: ring, at: next)
      Self.copy(UnsafeBufferPointer(rebasing: new[beforeEnd...]), into: ring, at: 0)
    }
    next = (next + new.count) % max(1, capacity)
    held = min(capacity, held + new.count)
    room -= new.count
  }

  /// Waits for the next `hop` samples.
  mutating func advance() { room = hop }

  mutating func clear() {
    (next, held, room) = (0, 0, count)
  }

  /// Writes the latest `target.count` samples, oldest first.
  /// - Parameter target: room for at most `held` samples.
  func copyLatest(into target: UnsafeMutableBufferPointer<Float>) {
    precondition(target.count <= held)
    let start = (next - target.count + capacity) % max(1, capacity)
    let beforeEnd = min(target.count, capacity - start)
    samples.withUnsafeBufferPointer { ring in
      Self.copy(UnsafeBufferPointer(rebasing: ring[start..<start + beforeEnd]), into: target, at: 0)
      Self.copy(UnsafeBufferPointer(rebasing: ring[..<(target.count - beforeEnd)]), into: target, at: beforeEnd)
    }
  }

  private static func copy(_ source: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>, at offset: Int) {
    guard let from = source.baseAddress, let to = target.baseAddress, !source.isEmpty else { return }
    (to + offset).update(from: from, count: source.count)
  }
}

/// One point's contiguous samples on their way into windows and blocks: never more than one window and one block are held.
struct SampleStream {
  let sampleRateHz: Double
  let unit: SignalUnit
  private(set) var window: SampleRing
  /// Full for severity; what it keeps is enough for a diagnosis.
  private(set) var block: SampleRing
  /// What the block's capacity was made for.
  let diagnosis: DiagnosisBlock
  /// Stretches without a gap are long enough to fill a block, as far as the last one shows: one is worth waiting for.
  var fillsBlocks = true

  /// - Parameters:
  ///   - windowSamples: at least 1.
  ///   - hopSamples: from one window's start to the next one's, 1 to `windowSamples`.
  ///   - blockSeconds: of a block for severity, 1 or more.
  ///   - diagnosis: a longer block is kept for it where there is room.
  init(
    windowSamples: Int, hopSamples: Int, blockSeconds: Double = 1, diagnosis: DiagnosisBlock = DiagnosisBlock(shaftHz: nil),
    sampleRateHz: Double, unit: SignalUnit
  ) {
    self.sampleRateHz = sampleRateHz
    self.unit = unit
    self.diagnosis = diagnosis
    window = SampleRing(count: windowSamples, hop: hopSamples)
    let blockSamples = Self.blockSamples(sampleRateHz * blockSeconds, sampleRateHz: sampleRateHz)
    let diagnosisSamples = Self.blockSamples(sampleRateHz * diagnosis.seconds, sampleRateHz: sampleRateHz)
    block = SampleRing(
      count: blockSamples, hop: max(1, blockSamples), capacity: blockSamples == 0 ? 0 : diagnosisSamples)
  }

  /// What is held is long enough for a diagnosis of this shaft and bearing.
  func holds(_ needed: DiagnosisBlock) -> Bool {
    block.count > 0 && block.held == block.capacity && diagnosis.covers(needed)
      && Double(block.held) >= sampleRateHz * needed.seconds
  }

  /// A rise may wait for this: a whole block for severity comes soon.
  var awaitsBlock: Bool { fillsBlocks && block.held < block.count }

  /// Takes samples as far as the next boundary of a window or a block.
  /// - Returns: how many were taken; at least one when there is one.
  mutating func take(_ samples: UnsafeBufferPointer<Float>) -> Int {
    let taken = min(samples.count, window.room, block.count == 0 ? .max : block.room)
    let part = UnsafeBufferPointer(rebasing: samples[..<taken])
    window.append(part)
    if block.count > 0 { block.append(part) }
    return taken
  }

  mutating func windowTaken() { window.advance() }
  mutating func blockTaken() { block.advance() }

  /// A gap: what comes follows nothing.
  mutating func clear() {
    fillsBlocks = block.held >= block.count
    window.clear()
    block.clear()
  }

  /// Even; 0 where it is too few or too many samples to be a block.
  private static func blockSamples(_ wanted: Double, sampleRateHz: Double) -> Int {
    guard sampleRateHz >= 64, wanted <= Double(longestBlock) else { return 0 }
    return Int((wanted / 2).rounded(.up)) * 2
  }

  private static let longestBlock = 1 << 20
}
