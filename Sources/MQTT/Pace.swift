/// When a batch that is not full is handed over: at once after a pause, else in the next slot of the commit rate.
struct Pace {
  /// A broker that stops after this many frames without an answer has likely filled its window: waiting longer gains nothing.
  static let worthwhileFrames = 16
  static let quietSeconds = 0.01

  let commitsPerSecond: Double
  private var lastBatch = -Double.infinity

  init(commitsPerSecond: Double) { self.commitsPerSecond = commitsPerSecond }

  mutating func handedOver(at now: Double) { lastBatch = now }

  /// - Parameters: monotonic seconds; `lastArrival` is when the newest of `frames` frames came.
  func due(frames: Int, lastArrival: Double) -> Double {
    let slot = lastBatch + 1 / commitsPerSecond
    return frames >= Self.worthwhileFrames ? min(slot, lastArrival + Self.quietSeconds) : slot
  }
}
