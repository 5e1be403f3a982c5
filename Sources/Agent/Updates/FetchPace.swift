import Contracts

/// How much of a package is asked for at a time: two seconds of the rate that was measured, so that on a thin link nothing else waits long
/// and no part is asked for twice because it is still on its way. Pure; seconds of a clock that never goes back.
struct FetchPace: Equatable {
  private var bytesPerSecond = 8192.0
  private var lastArrival: Double

  private static let smoothing = 0.5
  private static let leastBytes = 4096
  private static let seconds = 2.0

  init(now: Double) { lastArrival = now }

  mutating func observe(bytes: Int, now: Double) {
    bytesPerSecond += Self.smoothing * (Double(bytes) / max(now - lastArrival, 0.001) - bytesPerSecond)
    lastArrival = now
  }

  private var allowanceBytes: Int { Int(min(Self.seconds * bytesPerSecond, 1e9)) }

  /// Of one part.
  var partBytes: Int { min(ChunkRequest.mostBytes, max(Self.leastBytes, allowanceBytes)) }

  /// Parts that may be on their way.
  var outstanding: Int { min(ChunkRequest.mostOutstanding, max(1, allowanceBytes / partBytes)) }
}
