import Anomaly
import ArgumentParser
import ONNX
import Recordings
import Signal
import Terminal

struct ModelImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Bring in a forest or an autoencoder that was trained elsewhere, as ONNX.",
    discussion: """
      Taken are scikit-learn's isolation forests and Pipelines (skl2onnx), and autoencoders of PyTorch or Keras that are a chain of \
      dense, one-dimensional convolution, pooling, upsampling and normalisation layers and activations; opsets 13 to 21, all data \
      within the file. Anything else is refused by its name. A window's spectrum is that of thrum spectrum: RMS amplitudes, Hann.

      How strange a window must be for a warning comes from healthy recordings, or --limit; a forest knows it, else.

      EXAMPLES
        thrum model import forest.onnx --input features --features rms,kurtosis,crest --window 4096 --rate 12000 --unit g -o f.model
        thrum model import ae.onnx --input features --output-name reproduction --compared-with standardized --rate 12000 --unit g --limit 0.8 -o a.model
        thrum model import conv.onnx --input window --window 1024 --rate 12000 --unit g --healthy healthy.f32 -o conv.model
      """)

  @Argument(help: "The ONNX file.", completion: .file())
  var file: String
  @Option(help: "What of a window it takes.")
  var input: ImportedModel.Input
  @Option(help: "The features it takes, in its order, with commas. (default: all that Thrum measures)")
  var features: String?
  @Option(name: .customLong("output-name"), help: "The graph's output. (default: the only one, or scores)")
  var outputName: String?
  @Option(
    help: ArgumentHelp(
      "What an autoencoder reproduces: another output of the graph, on the way to its own; what it takes, else.",
      valueName: "output"))
  var comparedWith: String?
  @Option(help: "How strange a window is that is a warning: mean squared error, or a forest's score, 0 to 1.")
  var limit: Float?
  @Option(parsing: .upToNextOption, help: "Healthy recordings, none of which it was trained on.")
  var healthy: [String] = []
  @OptionGroup var form: SampleForm
  @OptionGroup var cut: WindowCut
  @Option(name: [.customShort("o"), .customLong("output")], help: "The model's file.", completion: .file())
  var model: String

  func run() throws {
    if limit != nil, !healthy.isEmpty { throw UsageError("--limit and --healthy both tell the limit: give one of them") }
    if features != nil, input != .features { throw UsageError("--features is for --input features") }
    let shape = try shape()
    let inputs = try ImportedInputs(input, shape)
    let parts = try ONNXImport.parts(FileBytes.read(file), output: outputName, values: values(shape), comparedWith: comparedWith)
    let limit = try limit(parts, inputs, shape)
    let imported = try ImportedModel(input: input, shape: shape, parts: parts, limit: limit)
    try OutputFile.write(imported.encoded(), to: model)
    print("wrote \(model.printable): \(imported.version), \(parts.words), limit \(limit)")
  }

  private func shape() throws -> ModelShape {
    guard let rate = form.rate else { throw UsageError("--rate: which windows is the model for?") }
    try expect("--rate", rate, in: 1e-3...1e8)
    let all = FeatureExtractors.all.flatMap { $0.names }
    let names = features.map { $0.split(separator: ",").map(String.init) } ?? all
    return ModelShape(
      windowSamples: cut.window ?? WindowCut.defaultSamples, sampleRateHz: rate, unit: try form.parsedUnit(),
      featureNames: input == .features ? names : [])
  }

  private func values(_ shape: ModelShape) -> Int {
    switch input {
    case .features: shape.featureNames.count
    case .spectrum: shape.windowSamples / 2 + 1
    case .window: shape.windowSamples
    }
  }

  private func limit(_ parts: ImportedParts, _ inputs: ImportedInputs, _ shape: ModelShape) throws -> Float {
    if let limit {
      guard limit > 0, limit.isFinite else { throw UsageError("--limit \(limit): expected above 0") }
      return limit
    }
    guard !healthy.isEmpty else {
      guard parts.boundary > 0 else { throw UsageError("an autoencoder does not say what is strange: give --healthy or --limit") }
      return parts.boundary
    }
    var scores: [Float] = []
    for path in healthy {
      let windows = try WindowedFile(path, form, cut, windowSamples: shape.windowSamples)
      try inputs.forEach(in: windows) { _, values in scores.append(parts.strangeness(of: values)) }
    }
    guard scores.allSatisfy(\.isFinite) else {
      throw UsageError("a healthy window's score is not finite: are scale and unit right?")
    }
    return Calibration.limit(ofHealthy: scores)
  }
}

extension ImportedModel.Input: ExpressibleByArgument {}
