/// What the lines of a shaft are consistent with. One direction and no phase cannot tell these causes apart, so each comes with
/// the measurement that would. After the tables of causes in ISO 13373-1:2002, annex B, and ISO 13373-3:2015, annex A.
package struct ShaftDiagnosis: Sendable, Equatable {
  package let cause: Cause
  /// The lines that it rests on, the most telling first.
  package let lines: [ShaftLine]

  package enum Cause: String, Sendable, CaseIterable {
    case unbalance, misalignment, looseness, gear, electrical

    /// What an analyst would ask for before believing it.
    package var confirmation: String {
      switch self {
      case .unbalance: "compare phase horizontally and vertically (90° apart), and whether 1x grows with the square of the speed"
      case .misalignment: "measure axially on both sides of the coupling: high axial 1x or 2x, opposite in phase"
      case .looseness: "compare foot, base plate and bearing housing, and look at the time waveform for knocking"
      case .gear: "look at the sidebands of both shafts at full resolution, and for an impact a turn in the time waveform"
      case .electrical: "switch the supply off: an electrical line is gone at once, a mechanical one runs down"
      }
    }
  }

  /// - Parameters:
  ///   - radial: lines of a radial point.
  ///   - axial: of an axial point of the same machine; without one, misalignment is not spoken of.
  /// - Returns: `nil` when no line stands out, or none of the causes explains most of the velocity.
  package init?(radial: ShaftLines, axial: ShaftLines? = nil) {
    let found =
      Self.gear(radial) ?? Self.electrical(radial) ?? Self.looseness(radial)
      ?? Self.misalignment(radial, axial) ?? Self.unbalance(radial)
    guard let (cause, lines) = found else { return nil }
    (self.cause, self.lines) = (cause, lines)
  }

  /// A cause is spoken of when its lines make up this part of the mean square.
  static let leastShare = 0.5

  private typealias Finding = (Cause, [ShaftLine])

  private static func share(_ lines: [ShaftLine], of all: ShaftLines) -> Double {
    guard all.overall > 0 else { return 0 }
    return lines.reduce(0) { $0 + $1.velocityRMS * $1.velocityRMS } / (all.overall * all.overall)
  }

  private static func finding(_ cause: Cause, _ lines: [ShaftLine], _ all: ShaftLines) -> Finding? {
    share(lines, of: all) >= leastShare ? (cause, lines) : nil
  }

  /// 1x stands alone: three times as high as any other harmonic.
  private static func unbalance(_ all: ShaftLines) -> Finding? {
    guard let first = all.harmonics[1], first.stands else { return nil }
    let others = all.harmonics.filter { $0.key != 1 }.values.map(\.velocityRMS).max() ?? 0
    return first.velocityRMS >= 3 * others ? finding(.unbalance, [first], all) : nil
  }

  /// 2x comes near 1x or above, and the axial point moves at least half as much as the radial one.
  private static func misalignment(_ all: ShaftLines, _ axial: ShaftLines?) -> Finding? {
    guard let axial, let first = all.harmonics[1], let second = all.harmonics[2], second.stands,
      second.velocityRMS >= 0.5 * first.velocityRMS, axial.overall >= 0.5 * all.overall
    else { return nil }
    return finding(.misalignment, [second, first], all)
  }

  /// Half orders, or a long row of whole ones.
  private static func looseness(_ all: ShaftLines) -> Finding? {
    let halves = [0.5, 1.5].compactMap { all.harmonics[$0] }.filter(\.stands)
    let row = (1...10).compactMap { all.harmonics[Double($0)] }.filter(\.stands)
    guard row.count >= (halves.isEmpty ? 5 : 3) else { return nil }
    return finding(.looseness, halves + row, all)
  }

  /// The mesh stands, and a shaft's sidebands on both sides.
  private static func gear(_ all: ShaftLines) -> Finding? {
    guard let mesh = all.gearMesh, mesh.stands, all.gearSidebands.count == 2, all.gearSidebands.allSatisfy(\.stands) else {
      return nil
    }
    return finding(.gear, [mesh] + all.gearSidebands, all)
  }

  /// Twice the line frequency, where no harmonic of the shaft lies at the same place; or the poles' pass on both sides of 1x.
  private static func electrical(_ all: ShaftLines) -> Finding? { twiceLine(all) ?? polePass(all) }

  /// A sideband counts from this part of its line on: less is the window's own.
  private static let leastSideband = 0.05

  private static func polePass(_ all: ShaftLines) -> Finding? {
    let sidebands = all.polePass.prefix(2).compactMap { $0 }
    guard let first = all.harmonics[1], first.stands, sidebands.count == 2,
      sidebands.allSatisfy({ $0.stands && $0.velocityRMS >= leastSideband * first.velocityRMS })
    else { return nil }
    return finding(.electrical, [first] + sidebands, all)
  }

  private static func twiceLine(_ all: ShaftLines) -> Finding? {
    guard let line = all.twiceLine, line.stands, !all.harmonics.values.contains(where: { $0.frequencyHz == line.frequencyHz })
    else { return nil }
    return finding(.electrical, [line], all)
  }
}

extension ShaftDiagnosis: CustomStringConvertible {
  /// One sentence: what was seen, what it is consistent with, what would confirm it.
  package var description: String {
    let seen = lines.prefix(3).map { line in
      "\(line.name) \(line.frequencyHz.short) Hz at \(line.velocityRMS.short) mm/s RMS"
    }
    return "\(seen.joined(separator: ", ")): consistent with \(cause.rawValue); to confirm it, \(cause.confirmation)."
  }
}
