import Signal
import Testing

@testable import Anomaly

/// Slow streams of several quantities, judged after their first 400 rows.
@Suite("Tables")
struct TableTests {
  /// Noise around 10, 20, 30 and 40; `add` says what lies on top of it.
  private func stream(_ count: Int, seed: UInt64 = 1, add: (Int) -> [Double] = { _ in [0, 0, 0, 0] }) -> RecordedTable {
    var random = SplitMix64(seed: seed)
    let rows = (0..<count).map { index in zip([10.0, 20, 30, 40], add(index)).map { $0 + $1 + random.gaussian() } }
    return RecordedTable(rows: rows, sampleRateHz: 1)
  }

  private func judged(_ table: RecordedTable, _ isAnomalous: [Bool]? = nil) -> RecordingResult {
    EvaluationTable(
      file: "t", dataSet: "d", group: "g", label: "x", table: table,
      isAnomalous: isAnomalous ?? table.rows.map { _ in false }
    ).result().result
  }

  @Test("a healthy stream stays quiet", arguments: [1, 2, 3, 4] as [UInt64])
  func healthy(seed: UInt64) throws {
    let result = judged(stream(1200, seed: seed))
    #expect(result.alarms == [] && result.verdict == "normal")
    #expect(result.windows == 800 && result.abstainedWindows == 0)
  }

  @Test("a shift of one quantity raises the alarm within ten rows, and it clears when the shift is over")
  func shift() throws {
    let result = judged(stream(1000) { (600..<800).contains($0) ? [0, 0, 6, 0] : [0, 0, 0, 0] })
    let alarm = try #require(result.alarms?.first)
    #expect(result.alarms?.count == 1)
    #expect((600..<612).contains(alarm[0] ?? 0))
    #expect((800..<840).contains(alarm[1] ?? 0))
  }

  @Test("what stands at the last row has no end")
  func standing() throws {
    let result = judged(stream(700) { $0 < 600 ? [0, 0, 0, 0] : [4, 4, 0, 0] })
    #expect(result.alarms?.count == 1 && result.alarms?.last?[1] == nil)
  }

  @Test("a quantity that wandered while it was learned may go on wandering")
  func wandering() throws {
    let result = judged(stream(800) { [0, 0, 0, Double($0) * 0.02] })
    #expect(result.alarms == [])
    let steady = judged(stream(800) { $0 < 400 ? [0, 0, 0, 0] : [0, 0, 0, 8] })
    #expect(steady.isAlarmed)
  }

  @Test("figures are pooled over rows after the first 400; labels change them and nothing else")
  func figures() throws {
    let table = stream(1000) { (600..<800).contains($0) ? [0, 0, 6, 0] : [0, 0, 0, 0] }
    let right = table.rows.indices.map { (600..<800).contains($0) }
    let (good, bad) = (judged(table, right), judged(table, right.map { !$0 }))
    #expect(good.alarms == bad.alarms)
    let rows = try #require(good.rows)
    #expect(rows.hits + rows.misses == 200 && rows.falseAlarms + rows.quiet == 400)
    #expect((rows.f1 ?? 0) > 0.9 && (rows.missedAlarmRatePct ?? 100) < 6)
    let turned = try #require(bad.rows)
    #expect(turned.hits == rows.falseAlarms && turned.misses == rows.quiet)
    #expect(turned.falseAlarms == rows.hits && turned.quiet == rows.misses)
  }

  @Test("a table of no more rows than may be learned from is not judged", arguments: [0, 3, 400])
  func short(count: Int) throws {
    let result = judged(stream(count))
    #expect(result.verdict == "abstain" && result.windows == 0 && result.alarms == [])
  }

  @Test("missing cells are left out; where all are missing nothing is decided")
  func missing() throws {
    var table = stream(900)
    for row in 500..<600 { table.rows[row][1] = .nan }
    for row in 700..<720 { table.rows[row] = [.nan, .nan, .nan, .nan] }
    let result = judged(table)
    #expect(result.alarms == [])
    #expect(result.abstainedWindows == 11)
  }

  @Test("a constant column does not hide the others, and its first step is noticed")
  func constant() throws {
    var table = stream(900)
    for row in table.rows.indices { table.rows[row][0] = row < 700 ? 32 : 33 }
    let result = judged(table)
    #expect(result.alarms?.count == 1 && (700..<712).contains(result.alarms?.first?[0] ?? 0))
  }
}

@Suite("Figures of windows")
struct ProbabilityTests {
  private func result(_ label: String, _ probabilities: [Double]) -> RecordingResult {
    var result = RecordingResult(file: "f", dataSet: "d", group: "g", role: "test", label: label)
    result.probabilities = probabilities
    return result
  }

  /// Expected values: worked out by their definitions, as scikit-learn has them.
  @Test("areas count ties as scikit-learn does")
  func areas() throws {
    let found = Probabilities([result("healthy", [0.1, 0.4, 0.35, 0.4]), result("outer", [0.35, 0.4, 0.8, 0.9])])
    #expect(abs(try #require(found.averagePrecision) - 0.792_857_142_857) < 1e-9)
    #expect(abs(try #require(found.areaUnderROC) - 0.78125) < 1e-9)
    let perfect = Probabilities([result("healthy", [0.1, 0.2]), result("outer", (0..<97).map { 0.5 + Double($0) / 1000 })])
    #expect(perfect.averagePrecision == 1 && perfect.areaUnderROC == 1)
  }
}
