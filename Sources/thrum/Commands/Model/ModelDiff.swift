import Anomaly
import ArgumentParser
import ModelPackages
import Signal
import Terminal

struct ModelDiff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say in what two models or packages differ, and what each makes of the other's golden windows.",
    discussion: """
      EXAMPLES
        thrum model diff pump-1.2.0.thrum pump-1.3.0.thrum
        thrum model diff old.model new.thrum --json
      """)

  @Argument(help: "A model's file or package.")
  var a: String
  @Argument(help: "Another.")
  var b: String
  @OptionGroup var output: Output

  func run() throws {
    let (first, second) = (try AnyModel(reading: a), try AnyModel(reading: b))
    let report = Report(first, second)
    if output.json { return printJSON(report) }
    guard !report.fields.isEmpty || !report.golden.isEmpty else { return print("No difference.") }
    var table = Table(["", a.printable, b.printable])
    for field in report.fields { table.add(field.name, field.a, field.b) }
    print(table.rendered())
    guard !report.golden.isEmpty else { return }
    var golden = Table(["golden window", "is", "scored by A", "scored by B"], numbers: [2, 3])
    for row in report.golden { golden.add(row.window, row.kind, Self.text(row.a), Self.text(row.b)) }
    print("\n" + golden.rendered())
  }

  private static func text(_ score: Double?) -> String { score.map { number($0, 3) } ?? "-" }

  private struct Report: Encodable {
    struct Field: Encodable { let name, a, b: String }
    struct Golden: Encodable {
      let window, kind: String
      let a, b: Double?
    }

    /// Those that are not the same.
    let fields: [Field]
    let golden: [Golden]

    init(_ a: AnyModel, _ b: AnyModel) {
      let (mine, its) = (Self.fields(a), Self.fields(b))
      fields = mine.compactMap { name, value in
        let other = its.first { $0.0 == name }?.1 ?? ""
        return value == other ? nil : Field(name: name, a: value, b: other)
      }
      golden = Self.golden(of: a, "A", a, b) + Self.golden(of: b, "B", a, b)
    }

    private static func fields(_ model: AnyModel) -> [(String, String)] {
      let (card, delivered) = (model.packaged?.card, model.delivered)
      let metrics = card?.metrics.flatMap { row in row.figures.map { "\(row.set) \($0.name) \($0.value)" } } ?? []
      return [
        ("content", delivered.version), ("package", card.map { "\($0.model) \($0.version)" } ?? ""),
        ("sha256", model.packaged?.digest ?? ""), ("purpose", card?.purpose ?? ""),
        ("training data", card?.trainingData.sha256 ?? ""), ("metrics", metrics.joined(separator: ", ")),
        ("limits", card?.limits.joined(separator: "; ") ?? ""),
        ("fails at", card?.knownFailureModes.joined(separator: "; ") ?? ""),
        (
          "window",
          "\(delivered.shape.windowSamples) samples at \(plain(delivered.shape.sampleRateHz)) Hz in \(delivered.shape.unit.rawValue)"
        ),
        ("input", delivered.input.rawValue), ("features", delivered.shape.featureNames.joined(separator: " ")),
        ("parts", delivered.parts.joined(separator: "; ")), ("calibration", delivered.calibrationWords.joined(separator: "; ")),
        ("memory", "\(delivered.footprintBytes) bytes"),
        ("allowed", model.packaged.map { "\($0.limits.maxP99Microseconds) µs, \($0.limits.maxBytes) bytes" } ?? ""),
      ]
    }

    /// The windows of one package that both can judge.
    private static func golden(of owner: AnyModel, _ name: String, _ a: AnyModel, _ b: AnyModel) -> [Golden] {
      (owner.packaged?.golden ?? []).enumerated().map { index, vector in
        Golden(
          window: "\(name) \(index + 1)", kind: vector.kind.rawValue, a: a.score(of: vector, from: owner),
          b: b.score(of: vector, from: owner))
      }
    }
  }
}

extension AnyModel {
  var packaged: ModelPackage? { if case .package(let package) = self { package } else { nil } }

  /// `nil` where its windows are others.
  fileprivate func score(of vector: GoldenVector, from owner: AnyModel) -> Double? {
    guard delivered.shape.hasWindows(of: owner.shape), let inputs = try? DeliveredInputs(delivered),
      let values = try? vector.samples.withUnsafeBufferPointer({ try inputs.values($0) })
    else { return nil }
    return delivered.judge(values, speedRPM: vector.speedRPM).score?.joint
  }
}
