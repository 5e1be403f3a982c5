/// How long a stretch without a gap a diagnosis needs, and into how long segments it is cut for averaging.
///
/// A bearing's line is told from its neighbours only after many turns, and its cage's sidebands only where the spectrum is
/// finer than their distance: at least 35 turns of the shaft, and a resolution of a third of the cage's frequency.
package struct DiagnosisBlock: Sendable, Equatable {
  package let seconds: Double
  package let segmentSeconds: Double

  package static let leastTurns = 35.0
  private static let binsPerCageFrequency = 3.0

  /// - Parameters:
  ///   - shaftHz: revolutions per second; `nil`, or not above 0: not known.
  ///   - multiples: of the bearing, where one is declared.
  package init(shaftHz: Double?, multiples: BearingMultiples? = nil) {
    guard let shaftHz, shaftHz > 0, shaftHz.isFinite else {
      (seconds, segmentSeconds) = (1, 1)
      return
    }
    segmentSeconds = max(1, multiples.map { Self.binsPerCageFrequency / ($0.ftf * shaftHz) } ?? 0)
    seconds = max(segmentSeconds, Self.leastTurns / shaftHz)
  }

  /// With room for a speed a tenth lower than the one it was made for.
  package var withReserve: DiagnosisBlock { DiagnosisBlock(seconds: seconds * 1.1, segmentSeconds: segmentSeconds * 1.1) }

  /// Whether a block of this length and these segments is enough where `needed` is asked for.
  package func covers(_ needed: DiagnosisBlock) -> Bool {
    seconds >= needed.seconds && segmentSeconds >= needed.segmentSeconds
  }

  private init(seconds: Double, segmentSeconds: Double) {
    (self.seconds, self.segmentSeconds) = (seconds, segmentSeconds)
  }
}
