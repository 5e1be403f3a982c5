import Signal

/// The latest samples of a contiguous stream: full after `count` samples, and again every `hop` samples.
struct SampleRing {
  let count: Int
  private let hop: Int
  private var samples: [Float] = []
  /// Where the next sample goes.
  private var next = 0
  private(set) var held = 0
  /// Samples to come until it is full (again).
  private(set) var room: Int

  /// - Parameters:
  ///   - count: 0 or more.
  ///   - hop: 1 to `count`.
  init(count: Int, hop: Int) {
    self.count = count
    self.hop = hop
    room = count
  }

  var isFull: Bool { room == 0 }

  /// - Parameter new: at most `room` samples.
  mutating func append(_ new: UnsafeBufferPointer<Float>) {
    precondition(new.count <= room)
    if samples.isEmpty { samples = [Float](repeating: 0, count: count) }
    let beforeEnd = min(new.count, count - next)
    samples.withUnsafeMutableBufferPointer { ring in
      Self.copy(UnsafeBufferPointer(rebasing: new[..<beforeEnd]), into: ring, at: next)
      Self.copy(UnsafeBufferPointer(rebasing: new[beforeEnd...]), into: ring, at: 0)
    }
    next = (next + new.count) % max(1, count)
    held = min(count, held + new.count)
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
    let start = (next - target.count + count) % max(1, count)
    let beforeEnd = min(target.count, count - start)
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
  private(set) var block: SampleRing

  /// - Parameters:
  ///   - windowSamples: at least 1.
  ///   - hopSamples: from one window's start to the next one's, 1 to `windowSamples`.
  ///   - blockSeconds: 1 or more; 0: there are no blocks.
  init(windowSamples: Int, hopSamples: Int, blockSeconds: Double = 1, sampleRateHz: Double, unit: SignalUnit) {
    self.sampleRateHz = sampleRateHz
    self.unit = unit
    window = SampleRing(count: windowSamples, hop: hopSamples)
    let blockSamples = Self.blockSamples(sampleRateHz * blockSeconds, sampleRateHz: sampleRateHz)
    block = SampleRing(count: blockSamples, hop: max(1, blockSamples))
  }

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
