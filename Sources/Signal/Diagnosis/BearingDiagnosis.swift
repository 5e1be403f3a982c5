/// The part of a bearing that its lines accuse, and the line that does. Rather silent than wrong: docs/decisions/naming-faults.md.
package struct BearingDiagnosis: Sendable, Equatable {
  package let fault: NamedFault
  package let line: LineMeasurement

  /// How high above the floor a line is believed: 4 in a single spectrum, near 2.5 in the mean of many, whose floor is smooth.
  package static func leastRatio(averages: Int) -> Double { 2.5 + 1.5 / Double(max(1, averages)).squareRoot() }
  /// How many times as high as the next part's best it must be.
  package static let leastLead = 1.5

  /// - Returns: `nil` when no part stands out clearly.
  package init?(_ lines: [LineMeasurement]) {
    let parts = Part.allCases.compactMap { part in
      lines.filter { part.lines.contains($0.line) }.max { $0.ratioToFloor < $1.ratioToFloor }
    }
    let ranked = parts.sorted { $0.ratioToFloor > $1.ratioToFloor }
    guard let best = ranked.first, best.ratioToFloor >= Self.leastRatio(averages: best.averages) else { return nil }
    let next = ranked.dropFirst().first?.ratioToFloor ?? 0
    guard best.ratioToFloor >= Self.leastLead * next else { return nil }
    line = best
    fault = Self.fault(best)
  }

  /// What moves together: a rolling element is carried through the load zone by the cage, so that its defect is often heard at
  /// the cage's rate only (W. A. Smith, R. B. Randall, Mech. Syst. Signal Process. 64, 2015).
  private enum Part: CaseIterable {
    case outerRace, innerRace, rollingElements

    var lines: [BearingLine] {
      switch self {
      case .outerRace: [.bpfo]
      case .innerRace: [.bpfi]
      case .rollingElements: [.doubleBSF, .ftf]
      }
    }
  }

  /// Impacts once a turn of the cage, which have many harmonics, are the cage's own; a slow rise and fall is an element's.
  private static func fault(_ line: LineMeasurement) -> NamedFault {
    switch line.line {
    case .bpfo: .outer
    case .bpfi: .inner
    case .doubleBSF: .ball
    case .ftf: line.harmonics == FaultLines.cageHarmonicCount ? .cage : .ball
    }
  }
}

extension FaultLines {
  /// The part at fault, or `nil`.
  package static func name(_ lines: [LineMeasurement]) -> NamedFault? { BearingDiagnosis(lines)?.fault }
}
