import Signal

/// Whether a signal is another machine's, another speed's, or no sensor's, rather than a sick machine's.
///
/// A defect adds vibration; it takes none away. A window that has lost most of its energy in half of its bands or more is not what
/// the point was learned from, and no score says what it is. Of the faults of CWRU, MFPT and PRONOSTIA none took away more than six
/// bands of sixteen (the sensors were mounted anew between recordings); another machine that is louder everywhere is not
/// recognised, and raises an alarm.
struct ForeignSignal: Sendable {
  private var inARow = 0

  /// Windows in a row: a single one may be half lost.
  static let windows = 3
  /// Of a band's log energy: two thirds of it are gone.
  private static let lostEnergy: Float = 1
  private static let lostDeviations: Float = 4

  /// - Returns: whether this and the windows before it are foreign.
  mutating func take(_ features: UnsafeBufferPointer<Float>, _ model: Model?) -> Bool {
    guard let model else { return false }
    inARow = Self.hasLostEnergy(features, model) ? min(inARow + 1, Self.windows) : 0
    return inARow >= Self.windows
  }

  private static func hasLostEnergy(_ features: UnsafeBufferPointer<Float>, _ model: Model) -> Bool {
    let bands = Analyzers.bandIndices
    guard features.count == Analyzers.featureNames.count else { return false }
    var lost = 0
    for index in bands {
      let missing = model.standardizer.mean[index] - features[index]
      if missing > max(lostDeviations * model.standardizer.deviation[index], lostEnergy) { lost += 1 }
    }
    return 2 * lost >= bands.count
  }
}

extension Analyzers {
  /// Of the log energies of bands.
  static let bandIndices = featureNames.indices.filter { featureNames[$0].hasPrefix("band_") }
}
