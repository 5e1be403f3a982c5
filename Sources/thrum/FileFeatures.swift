import Signal

/// All that can be said of one window: THE LIST, and what needs a second or more.
struct FileFeatures {
  struct Request {
    /// Revolutions per second.
    var shaftHz: Double?
    var bearing: BearingMultiples?
    var parts = MachineParts()
    var bandsHz: [ClosedRange<Double>] = []
  }

  typealias Feature = (name: String, value: Double?)

  private let analyzer: WindowAnalyzer
  private let block: BlockAnalyzer?
  /// For slow machines, where the window holds ten periods of 2 Hz.
  private let slowBlock: BlockAnalyzer?
  private let unit: SignalUnit
  private let request: Request

  init(window: Int, rate: Double, unit: SignalUnit, _ request: Request) throws {
    analyzer = try WindowAnalyzer(sampleCount: window, sampleRateHz: rate)
    block = Double(window) >= rate ? try BlockAnalyzer(sampleCount: window, sampleRateHz: rate) : nil
    slowBlock =
      Double(window) >= 5 * rate ? try BlockAnalyzer(sampleCount: window, sampleRateHz: rate, velocityBandHz: 2...1000) : nil
    self.unit = unit
    self.request = request
  }

  func features(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    let values = [Float](unsafeUninitializedCapacity: analyzer.featureNames.count) { buffer, count in
      analyzer.analyze(samples, into: buffer)
      count = analyzer.featureNames.count
    }
    let all = zip(analyzer.featureNames, values).map { (name: $0, value: Optional(Double($1))) }
    return all + severity(samples) + bands(samples) + shaftLines(samples) + bearingLines(samples)
  }

  private func severity(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    [
      ("velocity_rms_mm_s", block?.velocityRMS(samples, unit: unit)),
      ("velocity_rms_2_hz_mm_s", slowBlock?.velocityRMS(samples, unit: unit)),
      ("displacement_rms_2_hz_um", slowBlock?.displacementRMS(samples, unit: unit)),
    ]
  }

  private func bands(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    request.bandsHz.map { band in
      ("rms_\(plain(band.lowerBound))_\(plain(band.upperBound))_hz", block?.bandRMS(samples, bandHz: band))
    }
  }

  /// Velocity of the shaft's harmonics and of what its parts make of them, mm/s RMS.
  private func shaftLines(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    guard let shaftHz = request.shaftHz else {
      return request.parts.lineHz.map { _ in [("line_2x_mm_s", nil)] } ?? []
    }
    let lines = block.map { ShaftLines(in: $0.velocityDensity(samples, unit: unit), shaftHz: shaftHz, parts: request.parts) }
    let harmonics = [0.5, 1, 2, 3].map { order in ("shaft_\(plain(order))x_mm_s", lines?.harmonics[order]?.velocityRMS) }
    return harmonics + parts(lines)
  }

  private func parts(_ lines: ShaftLines?) -> [Feature] {
    var features: [Feature] = []
    if request.parts.teeth != nil {
      features.append(("gear_mesh_mm_s", lines?.gearMesh?.velocityRMS))
      for (name, sign) in [("below", "-"), ("above", "+")] {
        let line = lines?.gearSidebands.first { $0.name.contains(sign) }
        features.append(("gear_sideband_\(name)_mm_s", line?.velocityRMS))
      }
    }
    if request.parts.blades != nil { features.append(("blade_pass_mm_s", lines?.bladePass?.velocityRMS)) }
    if request.parts.lineHz != nil { features.append(("line_2x_mm_s", lines?.twiceLine?.velocityRMS)) }
    return features
  }

  /// How far each bearing line stands above the floor around it.
  private func bearingLines(_ samples: UnsafeBufferPointer<Float>) -> [Feature] {
    guard let shaftHz = request.shaftHz, let bearing = request.bearing else { return [] }
    let found = block.map { FaultLines.find(in: $0.envelopeSpectrum(samples), shaftHz: shaftHz, multiples: bearing) }
    return BearingLine.allCases.map { line in
      ("\(line.rawValue.lowercased())_over_floor", found?.first { $0.line == line }?.ratioToFloor)
    }
  }
}
