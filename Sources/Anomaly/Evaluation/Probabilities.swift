/// How well windows' probabilities tell faulty recordings from healthy ones.
struct Probabilities {
  private var healthy: [Double] = []
  private var faulty: [Double] = []

  init(_ results: [RecordingResult]) {
    for result in results {
      if result.isHealthy { healthy += result.probabilities } else { faulty += result.probabilities }
    }
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
