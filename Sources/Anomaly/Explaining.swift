import Signal

/// What was known when a verdict changed; becomes the explanation that people read.
struct Evidence {
  var verdict: Verdict
  var shape: ModelShape
  var features: UnsafeBufferPointer<Float>
  var model: Model?
  /// The delivered model that gave the score in the learned one's place.
  var delivered: DeliveredJudge?
  var score: Score?
  var zone: SeverityZone?
  var velocityRMS: Double?
  var limits: SeverityLimits?
  /// Of a slow machine, µm.
  var displacementRMS: Double?
  var displacementLimits: SeverityLimits?
  /// Velocity RMS while the point learned, where the present one has changed from it, mm/s.
  var reference: Double?
  /// Of the latest block.
  var spectrum: EnvelopeSpectrumResult?
  /// Whether it is long enough to look for lines.
  var block: Block
  var bearing: BearingMultiples?
  var speedRPM: Double?
  /// What the lines of the shaft are consistent with.
  var shaft: ShaftDiagnosis?
  /// Of false alarms, and of drift.
  var watch: PointWatch?

  enum Block {
    case held
    case tooShort(neededSeconds: Double)
  }

  func explanation() -> Explanation {
    let contributions = delivered?.contributions() ?? model?.contributions(of: features) ?? []
    let lines = findLines()
    return Explanation(
      words: words(contributions, lines), decidedBy: decidedBy, zone: zone, velocityRmsMmS: velocityRMS,
      probability: probability, probabilityLabels: delivered == nil && score != nil ? watch?.curve?.labels : nil,
      score: score?.joint,
      uncalibrated: score != nil && isUncalibrated,
      contributions: contributions, lines: lines.map { Explanation.LineFinding($0) }, spectrum: reportedSpectrum,
      fault: verdict.priority == nil ? nil : BearingDiagnosis(lines)?.fault.rawValue ?? shaft?.cause.rawValue,
      budget: budget.map { Explanation.Budget($0) }, drift: watch?.summary.driftWords)
  }

  /// Of the score; a delivered model brings its own.
  private var limit: Double { delivered == nil ? watch?.warningLimit ?? 1 : 1 }
  private var probability: Double? {
    score.map { score in (delivered == nil ? watch?.probability(of: score) : nil) ?? score.probability(limit: limit) }
  }

  private var isUncalibrated: Bool { delivered?.model.isUncalibrated ?? model?.calibration.isUncalibrated ?? false }
  private var isBudgetSpent: Bool { budget?.isRaised == true }
  /// The learned model's, while it speaks.
  private var budget: BudgetWatch? { delivered == nil ? watch?.budget : nil }

  private var decidedBy: [String] {
    let zones = limits != nil && zone.map { $0 >= .c } == true
    if verdict.priority == nil { return (zone == nil ? [] : ["zones"]) + (score == nil ? [] : ["model"]) }
    return (zones ? ["zones"] : []) + (reference == nil ? [] : ["change"]) + (isUnlikely ? ["model"] : [])
      + (isBudgetSpent ? ["budget"] : [])
  }

  private var isUnlikely: Bool { score.map { $0.verdict(limit: limit) != .normal } == true }

  /// Of single features; a delivered model's own are not asked.
  private var farthest: String? { delivered == nil ? model?.farthest(features) : nil }

  private func findLines() -> [LineMeasurement] {
    guard case .held = block, let spectrum, let bearing, let speedRPM, speedRPM > 0, speedRPM.isFinite else { return [] }
    return FaultLines.find(in: spectrum, shaftHz: speedRPM / 60, multiples: bearing)
  }

  private var reportedSpectrum: Explanation.EnvelopeSpectrum? {
    guard let spectrum, verdict.priority != nil else { return nil }
    let widest = bearing.flatMap { bearing in speedRPM.map { 3.2 * bearing.bpfi * $0 / 60 } } ?? 0
    let (resolution, amplitude) = spectrum.report(upToHz: min(max(500, widest), 2000))
    let band = [spectrum.bandHz.lowerBound, spectrum.bandHz.upperBound]
    return .init(unit: shape.unit.rawValue, resolutionHz: resolution, bandHz: band, amplitude: amplitude)
  }
}

extension Evidence {
  private func words(_ contributions: [Explanation.Contribution], _ lines: [LineMeasurement]) -> String {
    if verdict == .normal { return "Within what is normal for this point." }
    guard verdict.priority != nil else {
      let dispute = verdict == .abstain(.detectorsDisagree) ? farthest.map { " " + $0 } : nil
      return "Nothing is decided: \(verdict.reason ?? verdict.name).\(dispute ?? "")"
    }
    return [
      severityWords, changeWords, shaft?.description, modelWords(contributions), isUnlikely ? farthest : nil, budget?.words,
      watch?.summary.driftWords,
      lineWords(lines),
    ].compactMap { $0 }.joined(separator: " ")
  }

  private var severityWords: String? {
    guard let zone, zone >= .c else { return nil }
    let measured = [
      limits.flatMap { Self.words("Velocity RMS", velocityRMS, "mm/s", $0, zone) },
      displacementLimits.flatMap { Self.words("Displacement RMS", displacementRMS, "µm", $0, zone) },
    ].compactMap { $0 }
    let meaning = zone == .d ? "severe enough to damage the machine" : "unsuitable for long operation"
    return measured.isEmpty ? nil : measured.joined(separator: ", ") + ": \(meaning)."
  }

  /// `nil` where it is not this quantity that made the zone.
  private static func words(
    _ name: String, _ value: Double?, _ unit: String, _ limits: SeverityLimits, _ zone: SeverityZone
  ) -> String? {
    guard let value, let limit = limits.lowerLimit(of: zone), value >= 0.9 * limit else { return nil }
    return "\(name) \(value.short) \(unit) lies in zone \(zone.rawValue) (from \(limit.short) \(unit) on)"
  }

  private var changeWords: String? {
    guard let reference, let velocityRMS, let limits else { return nil }
    return
      "Velocity RMS went from \(reference.short) mm/s while the point learned to \(velocityRMS.short) mm/s: a change of more "
      + "than \(limits.significantChange.short) mm/s, a quarter of the limit between zones B and C, is significant."
  }

  private func modelWords(_ contributions: [Explanation.Contribution]) -> String? {
    guard let score, isUnlikely || isBudgetSpent else { return nil }
    if let delivered, case .imported = delivered.model {
      let most = contributions.prefix(3).map { shape.words(for: $0.feature) }.joined(separator: ", ")
      return
        "Unlike what \(delivered.name) takes for healthy (score \(score.joint.short), warning from 1)\(most.isEmpty ? "" : ": most by \(most)")."
    }
    let features = contributions.prefix(3).map { contribution in
      let direction = contribution.deviations < 0 ? "below" : "above"
      return
        "\(shape.words(for: contribution.feature)) \(abs(contribution.deviations).short) standard deviations \(direction) its mean"
    }
    let scale = "score \(score.joint.short), warning from \(limit.short)\(isUncalibrated ? ", uncalibrated" : "")"
    return "Unlike the healthy baseline (\(scale)): \(features.joined(separator: ", "))."
  }

  /// Says what was looked for as well: that a line is missing means something only then.
  private func lineWords(_ lines: [LineMeasurement]) -> String {
    guard bearing != nil else { return "No bearing is declared, so its lines were not looked for." }
    guard speedRPM != nil else { return "The shaft speed is not known, so bearing lines were not looked for." }
    if case .tooShort(let seconds) = block {
      return "Bearing lines were not looked for (block_too_short): that needs \(seconds.short) s of samples without a gap, "
        + "\(DiagnosisBlock.leastTurns.short) turns of the shaft."
    }
    guard let diagnosis = BearingDiagnosis(lines) else { return "No bearing line stands out clearly." }
    let line = diagnosis.line
    let sidebands = line.sidebandsHz.map { ", sidebands at ±\($0.short) Hz" } ?? ""
    let looked = line.line == .ftf ? FaultLines.cageHarmonicCount : FaultLines.harmonicCount
    return
      "\(line.line.rawValue) \(line.frequencyHz.short) Hz at \(line.ratioToFloor.short) × floor, \(line.harmonics) of \(looked) "
      + "harmonics\(sidebands): the envelope repeats as with a defect of the bearing's \(diagnosis.words)."
  }
}

extension Model {
  /// The five features that the autoencoder reproduces worst, largest part of its error first.
  package func contributions(of features: UnsafeBufferPointer<Float>) -> [Explanation.Contribution] {
    guard features.count == shape.featureNames.count, let autoencoder = detectors.lazy.compactMap({ $0 as? Autoencoder }).first
    else { return [] }
    var standardized = [Float](repeating: 0, count: features.count)
    var errors = standardized
    standardized.withUnsafeMutableBufferPointer { standardizer.standardize(features, into: $0) }
    standardized.withUnsafeBufferPointer { input in
      errors.withUnsafeMutableBufferPointer { autoencoder.squaredErrors(input, into: $0) }
    }
    let total = max(errors.reduce(0, +), .leastNormalMagnitude)
    return errors.indices.sorted { errors[$0] > errors[$1] }.prefix(5).map { i in
      Explanation.Contribution(
        feature: shape.featureNames[i], share: Double(errors[i] / total), value: Double(features[i]),
        deviations: Double((features[i] - standardizer.mean[i]) / standardizer.deviation[i]))
    }
  }
}

extension Model {
  /// In words, the one feature that strays farthest; `nil` where that is no farther than its detector's own limit.
  fileprivate func farthest(_ features: UnsafeBufferPointer<Float>) -> String? {
    guard let index = detectors.firstIndex(where: { $0 is FeatureLimits }), let limits = detectors[index] as? FeatureLimits,
      features.count == shape.featureNames.count
    else { return nil }
    let found = withUnsafeTemporaryAllocation(of: Float.self, capacity: features.count) { standardized in
      standardizer.standardize(features, into: standardized)
      return limits.farthest(UnsafeBufferPointer(standardized))
    }
    let limit = calibration.references[index] * calibration.ownLimits[index]
    guard let found, abs(found.deviations) >= limit else { return nil }
    return
      "By itself, \(shape.words(for: shape.featureNames[found.feature])) is \(Double(abs(found.deviations)).short) deviations "
      + "\(found.deviations < 0 ? "below" : "above") its median; the limit for any one feature is \(Double(limit).short)."
  }
}

extension ModelShape {
  /// A feature as a technician would say it.
  func words(for feature: String) -> String {
    let parts = feature.split(separator: "_")
    guard parts.count == 2, let index = Int(parts[1]) else { return feature }
    switch parts[0] {
    case "band":
      let width = sampleRateHz / 32_000
      return "energy from \((Double(index) * width).short) to \((Double(index + 1) * width).short) kHz"
    case "envelope":
      let edges = [5, 8.9, 15.8, 28.1, 50, 88.9, 158, 281, 500]
      return index < 8 ? "envelope lines from \(edges[index].short) to \(edges[index + 1].short) Hz" : feature
    default: return feature
    }
  }
}

extension BearingDiagnosis {
  fileprivate var words: String {
    switch fault {
    case .outer: "outer race"
    case .inner: "inner race"
    case .ball where line.line == .ftf: "rolling elements, which the cage carries through the load zone (or of the cage itself)"
    case .ball: "rolling elements"
    case .cage: "cage"
    }
  }
}

extension Explanation.LineFinding {
  fileprivate init(_ line: LineMeasurement) {
    self.init(
      name: line.line.rawValue, frequencyHz: line.frequencyHz, amplitude: line.amplitude, ratioToFloor: line.ratioToFloor,
      harmonics: line.harmonics, sidebandsHz: line.sidebandsHz)
  }
}
