import Glibc

/// How the detectors' scores become one whose warning limit is 1: each over what healthy windows reach, the mean of the first over a
/// margin; and when one of them by itself objects.
/// It is judged by windows that nothing was learned from.
package struct Calibration: Sendable, Equatable {
  /// Per detector, in the order of THE LIST: its median over the held-back windows.
  let references: [Float]
  /// Of the mean of score over reference: the warning limit, above 0.
  let margin: Float
  /// Per detector, of score over reference: where it objects by itself. Beyond every number where too few windows judged it, and in models
  /// of an older Thrum.
  let ownLimits: [Float]
  /// Windows that judged it.
  package let heldBackWindows: Int

  /// The strangest of n healthy windows is surpassed by one in n + 1: with fewer than this by more than one in twenty.
  package static let leastHeldBack = 19
  /// Room above the strangest healthy window seen.
  static let headroom: Float = 1.75
  /// Where the held-back windows are too few, and never less.
  static let fixedMargin: Float = 4

  /// Too few held-back windows: the margin is a fixed, wide one.
  package var isUncalibrated: Bool { heldBackWindows < Self.leastHeldBack }

  /// In words, for people.
  package var words: String {
    isUncalibrated
      ? "uncalibrated: \(heldBackWindows) windows were held back from learning, \(Self.leastHeldBack) are needed to set the margin by; a wide fixed one is used"
      : "calibrated on \(heldBackWindows) windows held back from learning"
  }

  /// - Parameter heldBack: standardized windows that the detectors did not learn from, in order of time.
  init(_ detectors: [any Detector], heldBack: FeatureTable) {
    let scores = detectors.map { $0.scores(of: heldBack) }
    let medians = scores.map { max(Self.median($0), .leastNormalMagnitude) }
    let ratios = zip(scores, medians).map { scores, median in scores.map { $0 / median } }
    let joint = (0..<heldBack.count).map { row in Self.mean(ratios.prefix(Detectors.joint).map { $0[row] }) }
    let isEnough = heldBack.count >= Self.leastHeldBack
    references = medians
    heldBackWindows = heldBack.count
    margin = isEnough ? Self.limit(joint) : Self.fixedMargin
    ownLimits = ratios.map { isEnough ? Self.limit($0) : Self.never }
  }

  init(references: [Float], margin: Float, ownLimits: [Float], heldBackWindows: Int) {
    (self.references, self.margin, self.ownLimits, self.heldBackWindows) = (references, margin, ownLimits, heldBackWindows)
  }

  private static let never = Float.greatestFiniteMagnitude

  private static func limit(_ ratios: [Float]) -> Float { max(headroom * extreme(ratios), leastMargin) }

  func score(_ window: UnsafeBufferPointer<Float>, by detectors: [any Detector]) -> Score {
    var (sum, ratios, alone) = (Float(0), SIMD4<Float>.zero, Float(0))
    for (index, detector) in detectors.enumerated() {
      let ratio = detector.score(window) / references[index]
      if index < Detectors.joint { sum += ratio }
      ratios[index] = ratio
      alone = max(alone, ratio / ownLimits[index])
    }
    return Score(joint: Double(sum / Float(Detectors.joint) / margin), ratios: ratios, alone: Double(alone))
  }

  /// The warning limit that healthy windows' scores of a detector that came from elsewhere give, by the same rules.
  /// - Parameter scores: of at least one window, in any scale above 0.
  package static func limit(ofHealthy scores: [Float]) -> Float {
    let median = max(median(scores), .leastNormalMagnitude)
    guard scores.count >= leastHeldBack else { return fixedMargin * median }
    return limit(scores.map { $0 / median }) * median
  }

  private static let leastMargin: Float = 1.5

  /// The strangest, or three deviations above the mean, whichever is more.
  private static func extreme(_ values: [Float]) -> Float {
    let mean = mean(values)
    let deviation = (Self.mean(values.map { ($0 - mean) * ($0 - mean) })).squareRoot()
    return max(values.max() ?? 0, mean + 3 * deviation)
  }

  private static func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(max(1, values.count)) }

  private static func median(_ values: [Float]) -> Float {
    let sorted = values.sorted()
    return sorted.isEmpty ? 1 : sorted[sorted.count / 2]
  }
}

extension Calibration {
  func encode(into file: inout ModelWriter) {
    file.append(references)
    file.append(margin)
    if references.count > Detectors.joint { file.append(ownLimits) }
    file.append(UInt32(heldBackWindows))
  }

  /// - Parameter detectors: how many it is of.
  init(from file: inout ModelReader, detectors: Int) throws(ModelError) {
    var references: [Float] = []
    for _ in 0..<detectors { references.append(try file.positive()) }
    let margin = try file.positive()
    var ownLimits = references.map { _ in Self.never }
    if detectors > Detectors.joint { for index in ownLimits.indices { ownLimits[index] = try file.positive() } }
    self.init(references: references, margin: margin, ownLimits: ownLimits, heldBackWindows: try file.count(0...1 << 24))
  }
}
