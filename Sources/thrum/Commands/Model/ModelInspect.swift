import Anomaly
import ArgumentParser
import ModelPackages
import Signal
import Terminal

struct ModelInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a model's card: what it was learned from, what it is made of, how it is calibrated.",
    discussion: """
      EXAMPLES
        thrum model inspect pump.model
        thrum model inspect pump.model --json
      """)

  @Argument(help: "A model's file.", completion: .file())
  var model: String
  @OptionGroup var output: Output

  func run() throws {
    let card = try AnyModel(reading: model).card
    if output.json { return printJSON(card) }
    print(card.text)
  }
}

/// A model in words and numbers.
struct ModelCard: Encodable {
  let version: String
  /// `learned`, or `imported` from ONNX.
  let kind: String
  /// What it looks at: features, spectrum or window.
  let input: String
  let windowSamples: Int
  let sampleRateHz: Double
  let unit: String
  let features: [String]
  let detectors: [String]
  let calibration: String
  let uncalibrated: Bool
  let bytes: Int
  /// Of a package.
  var package: PackageSummary?

  init(_ model: Model) {
    (version, kind, input) = (model.version, "learned", "features")
    (windowSamples, sampleRateHz) = (model.shape.windowSamples, model.shape.sampleRateHz)
    (unit, features) = (model.shape.unit.rawValue, model.shape.featureNames)
    (detectors, calibration) = (model.parts, model.calibration.words)
    (uncalibrated, bytes) = (model.calibration.isUncalibrated, model.encoded().count)
  }

  init(_ model: ImportedModel) {
    (version, kind, input) = (model.version, "imported", model.input.rawValue)
    (windowSamples, sampleRateHz) = (model.shape.windowSamples, model.shape.sampleRateHz)
    (unit, features) = (model.shape.unit.rawValue, model.shape.featureNames)
    (detectors, uncalibrated, bytes) = ([model.parts.words], false, model.encoded().count)
    calibration = "a score of \(model.limit) of its own scale is the warning limit"
  }

  init(_ package: ModelPackage) {
    let model = package.model
    (version, kind) = (model.version, "package")
    input = model.input.rawValue
    (windowSamples, sampleRateHz) = (model.shape.windowSamples, model.shape.sampleRateHz)
    (unit, features) = (model.shape.unit.rawValue, model.shape.featureNames)
    (detectors, calibration) = (model.parts, model.calibrationWords.joined(separator: "; "))
    (uncalibrated, bytes) = (model.isUncalibrated, package.byteCount)
    self.package = PackageSummary(package)
  }

  var text: String {
    var table = Table(["model", version])
    package?.add(to: &table)
    table.add("kind", kind)
    table.add("window", "\(windowSamples) samples at \(plain(sampleRateHz)) Hz in \(unit)")
    table.add("input", input == "features" ? "\(features.count) features" : input)
    for detector in detectors { table.add("detector", detector) }
    table.add("calibration", calibration)
    table.add("size", "\(bytes) bytes")
    let names = features.isEmpty ? "" : "\n\n" + features.joined(separator: " ").wrapped()
    return table.rendered() + names
  }
}
