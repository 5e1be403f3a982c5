import Glibc

/// How well windows' probabilities tell faulty recordings from healthy ones, or rows' the anomalous ones of tables.
struct Probabilities {
  private var healthy: [Double] = []
  private var faulty: [Double] = []

  /// - Parameter results: recordings that are judged as a whole, or tables.
  init(_ results: [RecordingResult]) {
    for result in results {
      if result.isTable {
        for row in result.rowProbabilities { add(row.probability, row.isFault) }
      } else {
        for probability in result.probabilities { add(probability, !result.isHealthy) }
      }
    }
  }

  private init() {}

  private mutating func add(_ probability: Double, _ isFault: Bool) {
    if isFault { faulty.append(probability) } else { healthy.append(probability) }
  }

  /// As they would be with labels: the first half of the results labelled, the probabilities of the second made of it, and the other way
  /// round; as many labels at most as a point keeps. `nil` without enough of both kinds in either half.
  static func labelled(_ results: [RecordingResult]) -> Probabilities? {
    var all = Probabilities()
    let halves = [0, 1].map { half in Probabilities(results.map { $0.half(half) }) }
    for (own, other) in zip(halves, halves.reversed()) {
      guard let curve = LabelledCurve(other.cases) else { return nil }
      for probability in own.healthy { all.add(curve.probability(of: score(probability)), false) }
      for probability in own.faulty { all.add(curve.probability(of: score(probability)), true) }
    }
    return all
  }

  /// Evenly drawn, as many as a point keeps.
  private var cases: [LabelledCurve.Case] {
    let all = healthy.map { ($0, false) } + faulty.map { ($0, true) }
    let step = max(1, (all.count + LabelledCurve.mostCases - 1) / LabelledCurve.mostCases)
    return stride(from: 0, to: all.count, by: step).map { .init(score: Float(Self.score(all[$0].0)), isFault: all[$0].1) }
  }

  /// That the probability was made of.
  private static func score(_ probability: Double) -> Double {
    let bounded = min(max(probability, 1e-12), 1 - 1e-12)
    return pow(bounded / (1 - bounded), 0.25)
  }

  var curves: DetectionCurves? { DetectionCurves(healthy: healthy, faulty: faulty) }

  /// The chance that a faulty window has the higher probability; ties count half. `nil` without both kinds.
  var areaUnderROC: Double? {
    guard !healthy.isEmpty, !faulty.isEmpty else { return nil }
    let all = (healthy.map { ($0, 0) } + faulty.map { ($0, 1) }).sorted { $0.0 < $1.0 }
    var (wins, below, start) = (0.0, 0.0, 0)
    while start < all.count {
      let end = all[start...].firstIndex { $0.0 > all[start].0 } ?? all.count
      let faults = Double(all[start..<end].count { $0.1 == 1 })
      let others = Double(end - start) - faults
      wins += faults * (below + others / 2)
      below += others
      start = end
    }
    return wins / (Double(healthy.count) * Double(faulty.count))
  }

  /// Area under precision over recall as a step at each threshold, as scikit-learn's `average_precision_score` has it. `nil` without
  /// a faulty window.
  var averagePrecision: Double? {
    guard !faulty.isEmpty else { return nil }
    let all = (healthy.map { ($0, 0) } + faulty.map { ($0, 1) }).sorted { $0.0 > $1.0 }
    var (area, hits, start) = (0.0, 0, 0)
    while start < all.count {
      let end = all[start...].firstIndex { $0.0 < all[start].0 } ?? all.count
      let more = all[start..<end].count { $0.1 == 1 }
      hits += more
      area += Double(more) * Double(hits) / Double(end)
      start = end
    }
    return area / Double(faulty.count)
  }

  /// Mean difference between probability and share of faults over ten equal bins, each weighed by its windows.
  var calibrationError: Double? {
    let all = healthy.map { ($0, 0.0) } + faulty.map { ($0, 1.0) }
    guard !all.isEmpty else { return nil }
    var differences = [Double](repeating: 0, count: 10)
    for (probability, isFault) in all { differences[max(0, min(9, Int(probability * 10)))] += probability - isFault }
    return differences.reduce(0) { $0 + abs($1) } / Double(all.count)
  }
}

extension RecordingResult {
  /// Its windows or rows of one half of its time.
  fileprivate func half(_ index: Int) -> RecordingResult {
    func part<T>(_ values: [T]) -> [T] {
      Array(index == 0 ? values.prefix(values.count / 2) : values.suffix(values.count - values.count / 2))
    }
    var half = self
    (half.probabilities, half.rowProbabilities) = (part(probabilities), part(rowProbabilities))
    return half
  }
}
