import Signal

/// A group that was learned, with its recordings.
struct JudgedGroup {
  let name: String
  let dataSet: String
  let judge: GroupJudge
  let rows: [EvaluationRow]

  var tests: [EvaluationRow] { rows.filter { $0.role == .test } }
  /// Recordings of the healthy machine: not learned from where there are such.
  var healthy: [EvaluationRow] {
    let tests = tests.filter { $0.label.hasPrefix("healthy") }
    return tests.isEmpty ? rows.filter { $0.role == .baseline } : tests
  }
}

/// What became of a data set's tests when all of its signals were disturbed in one way.
package struct RobustnessRow: Sendable, Encodable {
  package var dataSet: String
  /// Of `Disturbance.all`, or `channels_swapped`.
  package var disturbance: String
  package var faultRecordings = 0, detected = 0, healthyRecordings = 0, falseAlarms = 0
  package var windows = 0, abstainedWindows = 0
  /// Frames that failed a check: what they hold was not judged.
  package var refusedFrames = 0

  /// Figures of every data set that has tests, disturbance by disturbance.
  static func table(_ groups: [JudgedGroup], _ progress: (String) -> Void) -> [RobustnessRow] {
    let tested = groups.filter { !$0.tests.isEmpty }
    var table: [RobustnessRow] = []
    for set in Set(tested.map(\.dataSet)).sorted() {
      let own = tested.filter { $0.dataSet == set }
      for disturbance in Disturbance.all {
        progress("\(set), \(disturbance.name)")
        var row = RobustnessRow(dataSet: set, disturbance: disturbance.name)
        for group in own { row.add(group.tests, disturbance, judgedBy: group.judge) }
        table.append(row)
      }
      if own.count > 1 { table.append(swapped(set, own)) }
    }
    return table
  }

  /// Every point gets the signals of the next one.
  private static func swapped(_ set: String, _ groups: [JudgedGroup]) -> RobustnessRow {
    var row = RobustnessRow(dataSet: set, disturbance: "channels_swapped")
    for (group, next) in zip(groups, groups.dropFirst() + groups.prefix(1)) {
      row.add(next.tests, Disturbance.all[0], judgedBy: group.judge)
    }
    return row
  }

  private init(dataSet: String, disturbance: String) { (self.dataSet, self.disturbance) = (dataSet, disturbance) }

  private mutating func add(_ tests: [EvaluationRow], _ disturbance: Disturbance, judgedBy judge: GroupJudge) {
    for (index, test) in tests.enumerated() {
      let replay = judge.replay(disturbance.applied(to: test.stretch, seed: UInt64(index)))
      let isAlarmed = replay.seen.contains { $0.verdict.priority != nil }
      if test.label.hasPrefix("healthy") {
        healthyRecordings += 1
        falseAlarms += isAlarmed ? 1 : 0
      } else {
        faultRecordings += 1
        detected += isAlarmed ? 1 : 0
      }
      windows += replay.seen.count
      abstainedWindows += replay.seen.count { $0.isUndecided }
      refusedFrames += replay.outcome.ledger.quarantined.values.reduce(0, +)
    }
  }
}
