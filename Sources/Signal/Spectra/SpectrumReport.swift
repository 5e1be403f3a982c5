/// A spectrum with all that has to be said beside it, and its lines by name.
package struct SpectrumReport: Sendable, Encodable {
  package let kind: SpectrumRequest.Kind
  /// acceleration, velocity, displacement, envelope, squared_envelope.
  package let quantity: String
  package let unit: String
  package let detection: SpectrumRequest.Detection
  package let resolutionHz: Double
  package let window: SpectrumWindow
  package let averages: Int
  /// Lowest and highest frequency looked at; of an envelope, the band it is the envelope of.
  package let bandHz: [Double]
  /// Of the band's envelope, where the kurtogram chose it; 0 is noise.
  package let bandKurtosis: Double?
  package let frequencyHz: [Double]
  /// In `unit` and `detection`, as many as frequencies.
  package let amplitude: [Float]
  /// Multiples of the shaft speed: of an order spectrum, and wherever the shaft was followed.
  package let orders: [Double]?
  package let lines: [SpectrumLine]
  /// Where it is known, or was asked for.
  package let speed: SpectrumSpeed?

  /// - Parameter measured: how `amplitude` was taken; it is brought to what was asked for.
  init(
    _ request: SpectrumRequest, quantity: String, unit: String, measured: SpectrumRequest.Detection, window: SpectrumWindow,
    resolutionHz: Double, averages: Int, bandHz: ClosedRange<Double>, amplitude: [Float], bandKurtosis: Double? = nil
  ) {
    kind = request.kind
    detection = request.detection ?? measured
    (self.quantity, self.unit, self.window, self.averages) = (quantity, unit, window, averages)
    self.resolutionHz = resolutionHz
    self.bandKurtosis = bandKurtosis
    self.bandHz = [bandHz.lowerBound, bandHz.upperBound]
    let scale = request.isSquared && kind == .envelope ? request.scale * request.scale : request.scale
    let factor: Float = scale * (detection == measured ? 1 : measured == .rms ? Float(2).squareRoot() : Float(0.5).squareRoot())
    let scaled = factor == 1 ? amplitude : amplitude.map { $0 * factor }
    self.amplitude = scaled
    speed = Self.speed(request)
    frequencyHz = amplitude.indices.map { Double($0) * resolutionHz }
    let shaftHz = request.kind == .order || request.speedsHz != nil ? request.shaftHz : nil
    orders = shaftHz.map { shaftHz in amplitude.indices.map { Double($0) * resolutionHz / shaftHz } }
    let spectrum = EnvelopeSpectrumResult(
      resolutionHz: resolutionHz, bandHz: bandHz, amplitude: scaled, highestHz: Self.highestHz(request, bandHz))
    lines = SpectrumLine.find(in: spectrum, request, window)
  }

  /// The square of a band's envelope holds the differences of its lines, no more; over the shaft's angle at its fastest.
  private static func highestHz(_ request: SpectrumRequest, _ bandHz: ClosedRange<Double>) -> Double {
    guard request.kind == .envelope, request.isSquared else { return .infinity }
    let slowing = request.speedsHz.flatMap { speeds in request.shaftHz.map { $0 / speeds.upperBound } } ?? 1
    return (bandHz.upperBound - bandHz.lowerBound) * min(1, slowing)
  }

  private static func speed(_ request: SpectrumRequest) -> SpectrumSpeed? {
    guard request.shaftHz != nil || request.speedConfidence != nil else { return nil }
    return SpectrumSpeed(
      rpm: request.shaftHz.map { 60 * $0 }, rangeRpm: request.speedsHz.map { [60 * $0.lowerBound, 60 * $0.upperBound] },
      confidence: request.speedConfidence, source: request.speedSource)
  }

  /// The highest lines, highest first, each the top of its surroundings and none on the flank of another.
  package func highestLines(_ count: Int, upToHz: Double = .infinity) -> [(frequencyHz: Double, amplitude: Double)] {
    let last = min(amplitude.count - 1, Int(min(upToHz / resolutionHz, 1e15)))
    guard last > 1 else { return [] }
    let tops = (1..<last).filter { amplitude[$0] > amplitude[$0 - 1] && amplitude[$0] >= amplitude[$0 + 1] }
    var chosen: [Int] = []
    for top in tops.sorted(by: { amplitude[$0] > amplitude[$1] }) where chosen.count < count {
      if chosen.allSatisfy({ abs($0 - top) > window.lobeBins }) { chosen.append(top) }
    }
    return chosen.map { (frequencyHz[$0], Double(amplitude[$0])) }
  }
}

/// A line that a machine's kinematics names.
package struct SpectrumLine: Sendable, Equatable, Encodable {
  /// BPFO, BPFI, 2xBSF, FTF; 0.5x, 1x, 2x, 3x for the shaft.
  package let name: String
  package let frequencyHz: Double
  package let amplitude: Double
  /// To the median of the surroundings; of a bearing line, the mean over three harmonics, or as many as the band holds.
  package let ratioToFloor: Double

  static let shaftOrders = [("0.5x", 0.5), ("1x", 1.0), ("2x", 2.0), ("3x", 3.0)]
  /// The line may lie off by this part of its frequency, or by one bin.
  private static let tolerance = 0.01

  static func find(in spectrum: EnvelopeSpectrumResult, _ request: SpectrumRequest, _ window: SpectrumWindow) -> [Self] {
    guard let shaftHz = request.shaftHz else { return [] }
    guard request.kind == .envelope else {
      return shaftOrders.compactMap { shaftLine($0.0, $0.1 * shaftHz, in: spectrum, lobeBins: window.lobeBins) }
    }
    guard let multiples = request.multiples else { return [] }
    let found = FaultLines.find(in: spectrum, shaftHz: shaftHz, multiples: multiples)
    return found.filter { $0.frequencyHz <= spectrum.highestHz }.map {
      Self(name: $0.line.rawValue, frequencyHz: $0.frequencyHz, amplitude: $0.amplitude, ratioToFloor: $0.ratioToFloor)
    }
  }

  /// `nil` where the spectrum does not reach, or is silent around it.
  private static func shaftLine(_ name: String, _ hz: Double, in spectrum: EnvelopeSpectrumResult, lobeBins: Int) -> Self? {
    let (resolution, amplitude) = (spectrum.resolutionHz, spectrum.amplitude)
    let centre = (hz / resolution).rounded()
    guard centre >= 1, centre < Double(amplitude.count) else { return nil }
    let reach = max(1, Int(tolerance * hz / resolution))
    let range = max(1, Int(centre) - reach)...min(amplitude.count - 1, Int(centre) + reach)
    guard let bin = range.max(by: { amplitude[$0] < amplitude[$1] }) else { return nil }
    let width = Int(LineSearch.floorHalfWidthHz / resolution)
    let around = max(1, bin - width)..<min(amplitude.count, bin + width + 1)
    let floor = around.filter { abs($0 - bin) > lobeBins }.map { amplitude[$0] }.sorted()
    guard !floor.isEmpty, floor[floor.count / 2] > 0 else { return nil }
    let own = Double(amplitude[bin])
    return Self(
      name: name, frequencyHz: Double(bin) * resolution, amplitude: own, ratioToFloor: own / Double(floor[floor.count / 2]))
  }
}
