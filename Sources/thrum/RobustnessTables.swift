import Anomaly

/// What disturbances and strange signals did, as rows for people.
enum RobustnessTables {
  static let disturbedHeadings = [
    "data set", "disturbance", "faults detected", "false alarms", "windows", "not decided", "frames refused",
  ]

  static func cells(_ row: RobustnessRow) -> [String] {
    [
      row.dataSet, words(row.disturbance), "\(row.detected) of \(row.faultRecordings)",
      "\(row.falseAlarms) of \(row.healthyRecordings)",
      "\(row.windows)", "\(row.abstainedWindows)", "\(row.refusedFrames)",
    ]
  }

  static let strangeHeadings = [
    "data set", "healthy recordings, but", "windows", "normal", "in alarm", "not decided", "frames refused",
    "stood in normal after", "stands at the end",
  ]

  static func cells(_ row: StrangeInputRow) -> [String] {
    [
      row.dataSet, words(row.input), "\(row.windows)", "\(row.normalWindows)", "\(row.alarmWindows)",
      counted(row.abstainedWindows, row.reasons), counted(row.refusedFrames.values.reduce(0, +), row.refusedFrames),
      row.stoodNormal == 0 ? "no window" : "\(row.stoodNormal) windows",
      row.standing.sorted { $0.key < $1.key }.map { "\(words($0.key)) \($0.value)" }.joined(separator: ", "),
    ]
  }

  static let evasionHeadings = ["data set", "attack", "budget, deviations", "windows not normal", "made to pass for normal"]

  static func cells(_ row: EvasionRow) -> [String] {
    [row.dataSet, words(row.attack), "\(row.budgetDeviations)", "\(row.windows)", "\(row.evaded)"]
  }

  /// A count, with what it is made of.
  static func counted(_ count: Int, _ reasons: [String: Int]) -> String {
    let words = reasons.sorted { $0.key < $1.key }.map { "\(Self.words($0.key)) \($0.value)" }
    return words.isEmpty ? "\(count)" : "\(count) (\(words.joined(separator: ", ")))"
  }

  private static func words(_ name: String) -> String {
    name.replacing("_", with: " ").replacing(" pct", with: " %").replacing(" db", with: " dB")
  }
}
