/// How long to wait before the next attempt: doubling, bounded, jittered, so that a fleet does not come back in step.
package struct Backoff {
  private let firstSeconds: Double
  private let longestSeconds: Double
  private var seconds: Double

  package init(firstSeconds: Double = 0.25, longestSeconds: Double = 30) {
    (self.firstSeconds, self.longestSeconds, seconds) = (firstSeconds, longestSeconds, firstSeconds)
  }

  /// Between half of it and all of it, by chance.
  package mutating func next(using random: inout some RandomNumberGenerator) -> Double {
    defer { seconds = min(longestSeconds, seconds * 2) }
    return seconds * Double.random(in: 0.5...1, using: &random)
  }

  package mutating func reset() { seconds = firstSeconds }
}
