/// When a batch that is not full is handed over: at once after a pause, else when its linger is over. Each commit costs the flash some
/// pages, however few frames it holds.
struct Pace {
  /// A broker that stops after this many frames without an answer has likely filled its window: waiting longer gains nothing.
  static let worthwhileFrames = 16
  static let quietSeconds = 0.01

  let lingerSeconds: Double
  private var lastBatch = -Double.infinity

  init(lingerSeconds: Double) { self.lingerSeconds = lingerSeconds }

  mutating func handedOver(at now: Double) { lastBatch = now }

  /// - Parameters: monotonic seconds; `lastArrival` is when the newest of `frames` frames came.
  func due(frames: Int, lastArrival: Double) -> Double {
    let slot = lastBatch + lingerSeconds
    return frames >= Self.worthwhileFrames ? min(slot, lastArrival + Self.quietSeconds) : slot
  }
}
