import Glibc
import Signal

/// Drift in one regime: look after look, each against the baseline.
///
/// A fifth of the features that have moved in three looks in a row is a drift; three looks without end it. Which kind:
/// - `sensor`: the levels of all bands moved by the same factor (their logarithms by the same distance, deviating from it by at most
///   a fifth of it), a tenth or more, and neither crest factor nor kurtosis moved;
/// - `sudden_change`: one step between two looks made three fifths or more of the whole way, or it was there from the first look on;
/// - `slow_wear`: anything else.
struct RegimeDrift: Sendable {
  private(set) var look: DriftLook
  /// How far the moved features were from the baseline in each of the last looks, oldest first.
  private(set) var distances: [Float] = []
  private(set) var moved = 0
  private(set) var quiet = 0
  private(set) var kind: DriftKind?
  private var lastTakenAt: UnixTime?
  /// Of the last look, since the start of the process.
  private(set) var figures: DriftFigures?

  static let mostLooks = 12
  static let looksInARow = 3
  /// Neighbouring windows are alike: one a minute tells as much.
  private static let spacingSeconds = 60.0
  private static let leastPart = 0.2

  init(features: Int) { look = DriftLook(features: features) }

  /// - Parameter standardize: gives the window's standardized features; asked for once a minute at most.
  /// - Returns: what there is to tell, when drift began or ended with this window.
  mutating func take(
    at time: UnixTime, _ model: Model, _ deciles: FeatureDeciles, _ features: UnsafeBufferPointer<Float>
  ) -> DriftReport? {
    if let last = lastTakenAt, case let elapsed = time.seconds(since: last), elapsed >= 0, elapsed < Self.spacingSeconds {
      return nil
    }
    lastTakenAt = time
    withUnsafeTemporaryAllocation(of: Float.self, capacity: features.count) { standardized in
      model.standardizer.standardize(features, into: standardized)
      look.take(UnsafeBufferPointer(standardized), deciles, at: time)
    }
    guard look.isFull(at: time) else { return nil }
    defer { look = DriftLook(features: look.features) }
    return close(model)
  }

  private mutating func close(_ model: Model) -> DriftReport? {
    let all = 0..<look.features
    let far = all.filter(look.hasMoved)
    figures = all.map { DriftFigures(psi: Double(look.populationStability($0)), ks: Double(look.distance($0))) }
      .reduce(DriftFigures(psi: 0, ks: 0)) { $0.larger($1) }
    let distance = (all.reduce(Float(0)) { $0 + look.shift($1) * look.shift($1) } / Float(max(1, look.features))).squareRoot()
    distances.append(distance)
    if distances.count > Self.mostLooks { distances.removeFirst() }
    let hasMoved = Double(far.count) >= Self.leastPart * Double(look.features)
    moved = hasMoved ? moved + 1 : 0
    quiet = hasMoved ? 0 : quiet + 1
    if moved >= Self.looksInARow, kind == nil {
      let found = classified(model)
      kind = found
      return report(found, far, model)
    }
    guard kind != nil, quiet >= Self.looksInARow else { return nil }
    kind = nil
    return report(nil, far, model)
  }

  private func classified(_ model: Model) -> DriftKind {
    if isSensor(model) { return .sensor }
    let steps = zip(distances, distances.dropFirst()).map { $1 - $0 }
    guard distances.count > moved, let first = distances.first, let last = distances.last, let largest = steps.max() else {
      return .suddenChange
    }
    return largest >= 0.6 * (last - first) ? .suddenChange : .slowWear
  }

  private func isSensor(_ model: Model) -> Bool {
    let names = model.shape.featureNames
    let levels = names.indices.filter { names[$0].hasPrefix("band_") }.map { look.shift($0) * model.standardizer.deviation[$0] }
    let shapes = names.indices.filter { ["crest", "kurtosis"].contains(names[$0]) }
    guard levels.count > 1, shapes.allSatisfy({ abs(look.shift($0)) < 1 }) else { return false }
    let mean = levels.reduce(0, +) / Float(levels.count)
    let spread = (levels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(levels.count)).squareRoot()
    return abs(mean) >= Self.leastLevel && spread <= 0.2 * abs(mean)
  }

  /// Of a band's log energy: a tenth of the level, twice its logarithm.
  private static let leastLevel: Float = 0.2

  private func report(_ kind: DriftKind?, _ far: [Int], _ model: Model) -> DriftReport {
    let names = model.shape.featureNames
    let farthest = far.sorted { abs(look.shift($0)) > abs(look.shift($1)) }.prefix(5)
    return DriftReport(
      kind: kind, relearnWanted: kind == .slowWear || kind == .suddenChange, words: Self.words(kind, far.count, look.features),
      movedFeatures: far.count, ofFeatures: look.features,
      features: farthest.map {
        .init(
          feature: names[$0], psi: Double(look.populationStability($0)), ks: Double(look.distance($0)),
          deviations: Double(look.shift($0)))
      })
  }

  private static func words(_ kind: DriftKind?, _ moved: Int, _ all: Int) -> String {
    let part = "\(moved) of \(all) features are no longer spread as while the point learned"
    return switch kind {
    case nil: "What the point measures is spread again as while it learned."
    case .sensor: "\(part): all levels by one factor, the shape is the same. Look at the sensor, its mounting and its gain."
    case .suddenChange: "\(part), most of it at once. If the machine was changed on purpose, let the point learn anew."
    case .slowWear: "\(part), growing slowly as with wear. Look at the machine before the point learns anew."
    }
  }
}

extension RegimeDrift {
  func encode(into file: inout ModelWriter) {
    look.encode(into: &file)
    file.append(UInt32(distances.count))
    file.append(distances)
    file.append(UInt32(moved))
    file.append(UInt32(quiet))
    file.append(kind?.rawValue ?? "")
  }

  init(from file: inout ModelReader, features: Int) throws(ModelError) {
    look = try DriftLook(from: &file, features: features)
    distances = try file.floats(try file.count(0...Self.mostLooks))
    (moved, quiet) = (try file.count(0...1 << 30), try file.count(0...1 << 30))
    let name = try file.text(upTo: 32)
    kind = DriftKind(rawValue: name)
    guard name.isEmpty || kind != nil else { throw ModelError("a kind of drift that is none") }
  }
}
