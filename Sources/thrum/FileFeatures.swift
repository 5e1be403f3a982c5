import Signal

/// All that can be said of one window: THE LIST, and what needs a second or more.
struct FileFeatures {
  struct Request {
    /// The shaft's lines are asked for.
    var hasShaft = false
    /// Revolutions per second; `nil` where it was to be estimated and is not believed: its lines are unknown then.
    var shaftHz: Double?
    var bearing: BearingMultiples?
    var parts = MachineParts()
    var bandsHz: [ClosedRange<Double>] = []
  }

  typealias Feature = (name: String, value: Double?)

  private let analyzer: WindowAnalyzer
  private let block: BlockAnalyzer?
  private let bandAnalyzer: BandAnalyzer?
  /// For slow machines, where the window holds ten periods of 2 Hz.
  private let slowBlock: BlockAnalyzer?
  /// Of one segment, as long as the window, where the poles' pass is asked for.
  private let fineBlock: BlockAnalyzer?
  private let unit: SignalUnit
  private let request: Request

  init(window: Int, rate: Double, unit: SignalUnit, _ request: Request) throws {
    analyzer = try WindowAnalyzer(sampleCount: window, sampleRateHz: rate)
    let lasts = { (seconds: Double) in BlockAnalyzer.ratesHz.contains(rate) && Double(window) >= seconds * rate }
    block = lasts(1) ? try BlockAnalyzer(sampleCount: window, sampleRateHz: rate) : nil
    slowBlock = lasts(5) ? try BlockAnalyzer(sampleCount: window, sampleRateHz: rate, velocityBandHz: 2...1000) : nil
    bandAnalyzer =
      Double(window) >= rate ? try BandAnalyzer(sampleCount: window, sampleRateHz: rate, bandsHz: request.bandsHz) : nil
    fineBlock =
      request.parts.poles != nil && block != nil
      ? try BlockAnalyzer(sampleCount: window, sampleRateHz: rate, segmentSeconds: Double(window) / rate) : nil
    self.unit = unit
    self.request = request
  }

  /// Why no window of the recording has what needs a block; `nil` where its rate allows it.
  static func abstention(rate: Double) -> String? {
    guard !BlockAnalyzer.ratesHz.contains(rate) else { return nil }
    let range = "\(plain(BlockAnalyzer.ratesHz.lowerBound)) Hz to \(plain(BlockAnalyzer.ratesHz.upperBound / 1e6)) MHz"
    return
      "velocity, displacement and lines stay empty: they need a rate from \(range), this recording has \(plain(rate)) Hz"
  }

  func features(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    let values = [Float](unsafeUninitializedCapacity: analyzer.featureNames.count) { buffer, count in
      analyzer.analyze(samples, into: buffer)
      count = analyzer.featureNames.count
    }
    let all = zip(analyzer.featureNames, values).map { (name: $0, value: $1.isFinite ? Double($1) : nil) }
    return all + severity(samples) + bands(samples) + shaftLines(samples) + polePass(samples) + bearingLines(samples)
  }

  private func severity(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    [
      (BlockFeatures.velocityRMS, block?.velocityRMS(samples, unit: unit)),
      (BlockFeatures.slowVelocityRMS, slowBlock?.velocityRMS(samples, unit: unit)),
      (BlockFeatures.displacementRMS, slowBlock?.displacementRMS(samples, unit: unit)),
    ]
  }

  private func bands(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    request.bandsHz.map { band in
      ("rms_\(plain(band.lowerBound))_\(plain(band.upperBound))_hz", bandAnalyzer?.rms(samples, bandHz: band))
    }
  }

  /// Velocity of the shaft's harmonics and of what its parts make of them, mm/s RMS.
  private func shaftLines(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    let lines = block.flatMap { block in
      request.shaftHz.map {
        ShaftLines(in: block.velocityDensity(samples, unit: unit), shaftHz: $0, parts: request.parts)
      }
    }
    let harmonics: [Feature] =
      request.hasShaft ? BlockFeatures.harmonics.map { ($0.name, lines?.harmonics[$0.order]?.velocityRMS) } : []
    return harmonics + parts(lines)
  }

  private func parts(_ lines: ShaftLines?) -> [Feature] {
    var features: [Feature] = []
    if request.parts.teeth != nil {
      features.append((BlockFeatures.gearMesh, lines?.gearMesh?.velocityRMS))
      for (name, sign) in zip(BlockFeatures.gearSidebands, ["-", "+"]) {
        features.append((name, lines?.gearSidebands.first { $0.name.contains(sign) }?.velocityRMS))
      }
    }
    if request.parts.blades != nil { features.append((BlockFeatures.bladePass, lines?.bladePass?.velocityRMS)) }
    if request.parts.lineHz != nil { features.append((BlockFeatures.twiceLine, lines?.twiceLine?.velocityRMS)) }
    return features
  }

  /// Of the whole window at once: the slip is small.
  private func polePass(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    guard request.parts.poles != nil else { return [] }
    let lines = request.shaftHz.flatMap { shaftHz in
      fineBlock.map { ShaftLines(in: $0.velocityDensity(samples, unit: unit), shaftHz: shaftHz, parts: request.parts) }
    }
    return BlockFeatures.polePass.indices.map { (BlockFeatures.polePass[$0], lines?.polePass[$0]?.velocityRMS) }
  }

  /// How far each bearing line stands above the floor around it.
  private func bearingLines(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    guard request.hasShaft, let bearing = request.bearing else { return [] }
    let found = request.shaftHz.flatMap { shaftHz in
      block.map { FaultLines.find(in: $0.envelopeSpectrum(samples), shaftHz: shaftHz, multiples: bearing) }
    }
    return BearingLine.allCases.map { line in
      (BlockFeatures.overFloor(line), found?.first { $0.line == line }?.ratioToFloor)
    }
  }
}
