import Anomaly
import ArgumentParser
import Signal
import Terminal

struct ModelReplay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Judge recordings with a model, and with another beside it.",
    discussion: """
      With --json a line a window; without, each recording in a line: how many windows each raises, and in how many both agree.

      EXAMPLES
        thrum model replay pump.thrum today.f32 --rate 12000 --unit g
        thrum model replay new.thrum --against pump.thrum monday.wav tuesday.wav --unit g --json
      """)

  @Argument(help: "A model's file or package.", completion: .file())
  var model: String
  @Option(help: "The model to compare it with.", completion: .file())
  var against: String?
  @Argument(help: "Recordings.", completion: .file())
  var files: [String]
  @Option(help: "The shaft's speed in them, r/min, where a model has regimes.")
  var rpm: Double?
  @OptionGroup var form: SampleForm
  @OptionGroup var cut: WindowCut
  @OptionGroup var output: Output

  func run() throws {
    let (new, old) = (try AnyModel(reading: model), try against.map(AnyModel.init(reading:)))
    for other in [new, old].compactMap({ $0 }) where cut.window.map({ $0 != other.shape.windowSamples }) ?? false {
      throw UsageError("--window \(cut.window ?? 0): the model's windows have \(other.shape.windowSamples) samples; leave it out")
    }
    if let old, !old.shape.hasWindows(of: new.shape) { throw UsageError("--against: the two models are for different windows") }
    var table = Table(
      ["recording", "windows", "raised", "median"] + (old == nil ? [] : ["against: raised", "median", "agree"]),
      numbers: [1, 2, 3, 4, 5, 6])
    for file in files {
      let rows = try rows(file, new, old)
      if output.json { rows.forEach(printJSON) } else { table.add(Self.cells(file, rows, compares: old != nil)) }
    }
    if !output.json { print(table.rendered()) }
  }

  private func rows(_ file: String, _ new: AnyModel, _ old: AnyModel?) throws -> [Row] {
    let windows = try WindowedFile(file, form, cut, windowSamples: new.shape.windowSamples)
    guard windows.rateHz == new.shape.sampleRateHz, windows.unit == new.shape.unit else {
      throw UsageError(
        "replay \(file.printable): \(plain(windows.rateHz)) Hz in \(windows.unit.rawValue), the model is for "
          + "\(plain(new.shape.sampleRateHz)) Hz in \(new.shape.unit.rawValue)")
    }
    var rows: [Row] = []
    try new.forEachJudgement(in: windows, speedRPM: rpm) { start, _, judgement in
      rows.append(
        Row(
          window: rows.count, startS: Double(start) / windows.rateHz, file: files.count > 1 ? file : nil,
          judged: Judged(judgement)))
    }
    var index = 0
    try old?.forEachJudgement(in: windows, speedRPM: rpm) { _, _, judgement in
      rows[index].against = Judged(judgement)
      index += 1
    }
    return rows
  }

  private struct Judged: Encodable {
    let score, probability: Double?
    let verdict: String
    let reason: String?

    init(_ judgement: DeliveredModel.Judgement) {
      (score, probability) = (judgement.score?.joint, judgement.score?.probability)
      let said = judgement.score.map(\.verdict) ?? .abstain(judgement == .speedMissing ? .missingInput : .unknownRegime)
      (verdict, reason) = (said.name, said.reason)
    }

    var isRaised: Bool { (score ?? 0) >= 1 }
  }

  private struct Row: Encodable {
    let window: Int
    let startS: Double
    /// Where there are several.
    let file: String?
    let judged: Judged
    var against: Judged?
  }

  private static func cells(_ file: String, _ rows: [Row], compares: Bool) -> [Table.Cell] {
    func figures(_ judged: [Judged]) -> [String] {
      let scores = judged.compactMap(\.score).sorted()
      return ["\(judged.count(where: \.isRaised))", scores.isEmpty ? "-" : number(scores[scores.count / 2], 3)]
    }
    var cells = [file.printable, "\(rows.count)"] + figures(rows.map(\.judged))
    if compares {
      let agree = rows.count { $0.judged.isRaised == ($0.against?.isRaised ?? false) }
      cells += figures(rows.compactMap(\.against)) + ["\(agree) of \(rows.count)"]
    }
    return cells.map { Table.Cell($0) }
  }
}
