/// How long to wait before the next attempt: doubling, bounded, jittered, so that a fleet does not come back in step.
struct Backoff {
  static let firstSeconds = 0.25
  static let longestSeconds = 30.0
  private var seconds = firstSeconds

  mutating func next(using random: inout some RandomNumberGenerator) -> Double {
    defer { seconds = min(Self.longestSeconds, seconds * 2) }
    return seconds * Double.random(in: 0.5...1, using: &random)
  }

  mutating func reset() { seconds = Self.firstSeconds }
}
