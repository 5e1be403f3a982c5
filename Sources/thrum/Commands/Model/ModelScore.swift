import Anomaly
import ArgumentParser
import Signal
import Terminal

struct ModelScore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Score recordings with a model, window by window.",
    discussion: """
      1 is the warning limit and 3 the alarm limit. With --json a line a window; without, each recording in a line. \
      Windows are the model's own; what was recorded at another rate or in another unit is refused.

      EXAMPLES
        thrum model score pump.model today.f32 --rate 12000 --unit g
        thrum model score pump.model monday.wav tuesday.wav --unit g --json
      """)

  @Argument(help: "A model's file.", completion: .file())
  var model: String
  @Argument(help: "Recordings.", completion: .file())
  var files: [String]
  @OptionGroup var form: SampleForm
  @OptionGroup var cut: WindowCut
  @OptionGroup var output: Output

  func run() throws {
    let model = try AnyModel(reading: model)
    if let window = cut.window, window != model.shape.windowSamples {
      throw UsageError("--window \(window): the model's windows have \(model.shape.windowSamples) samples; leave it out")
    }
    var table = Table(["recording", "windows", "normal", "warning", "alarm", "median", "highest"], numbers: [1, 2, 3, 4, 5, 6])
    for file in files {
      let rows = try score(file, by: model)
      if output.json { rows.forEach(printJSON) } else { table.add(Self.cells(file, rows.map(\.score))) }
    }
    if !output.json { print(table.rendered() + (model.caveat.map { "\n\n\($0)" } ?? "")) }
  }

  private func score(_ file: String, by model: AnyModel) throws -> [Row] {
    let windows = try WindowedFile(file, form, cut, windowSamples: model.shape.windowSamples)
    guard windows.rateHz == model.shape.sampleRateHz, windows.unit == model.shape.unit else {
      throw UsageError(
        "score \(file.printable): \(plain(windows.rateHz)) Hz in \(windows.unit.rawValue), the model is for "
          + "\(plain(model.shape.sampleRateHz)) Hz in \(model.shape.unit.rawValue)")
    }
    var rows: [Row] = []
    try model.forEachScore(in: windows) { start, score, contributions in
      rows.append(
        Row(
          window: rows.count, startS: Double(start) / windows.rateHz, file: files.count > 1 ? file : nil, score: score.joint,
          probability: score.probability, verdict: score.verdict.name, reason: nil, contributions: contributions))
    }
    return rows
  }

  /// What `thrum model score --json` prints of a window.
  private struct Row: Encodable {
    let window: Int
    let startS: Double
    /// Where there are several.
    let file: String?
    let score, probability: Double
    let verdict: String
    let reason: String?
    let contributions: [Part]

    func encode(to encoder: any Encoder) throws {
      var keys = encoder.container(keyedBy: Key.self)
      try keys.encode(window, forKey: .window)
      try keys.encode(startS, forKey: .startS)
      try keys.encodeIfPresent(file, forKey: .file)
      try keys.encode(score, forKey: .score)
      try keys.encode(probability, forKey: .probability)
      try keys.encode(verdict, forKey: .verdict)
      try keys.encode(reason, forKey: .reason)
      try keys.encode(contributions, forKey: .contributions)
    }

    private enum Key: CodingKey { case window, startS, file, score, probability, verdict, reason, contributions }
  }

  struct Part: Encodable {
    let feature: String
    let share: Double
  }

  private static func cells(_ file: String, _ scores: [Double]) -> [Table.Cell] {
    let verdicts = scores.map { Score(joint: $0).verdict }
    let counts = [Verdict.normal, .warning, .alarm].map { verdict in verdicts.count { $0 == verdict } }
    let sorted = scores.sorted()
    let figures = [sorted[sorted.count / 2], sorted[sorted.count - 1]].map { number($0, 3) }
    return ([file, "\(scores.count)"] + counts.map { "\($0)" } + figures).map { Table.Cell($0) }
  }
}
