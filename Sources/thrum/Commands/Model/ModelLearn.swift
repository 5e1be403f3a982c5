import Anomaly
import ArgumentParser
import Glibc
import Signal
import Terminal

struct ModelLearn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Learn what is normal from recordings of the healthy machine.",
    discussion: """
      The first three fifths of the windows are learned, the last two fifths judge what was learned. The same recordings give the \
      same model. 48 windows or more set the margin by what was held back; with fewer it is a wide, fixed one.

      EXAMPLES
        thrum model learn healthy.f32 --rate 12000 --unit g -o pump.model
        thrum model learn monday.wav tuesday.wav --unit g --window 8192 -o pump.model
      """)

  @Argument(help: "Recordings of one rate and unit, in order of time.", completion: .file())
  var files: [String]
  @OptionGroup var form: SampleForm
  @OptionGroup var cut: WindowCut
  @OptionGroup var output: Output
  @Option(name: [.customShort("o"), .customLong("output")], help: "The model's file.", completion: .file())
  var model: String
  @Option(help: "The same recordings and seed give the same model; any text.")
  var seed = "thrum"

  /// Fewer say nothing about a machine.
  private static let leastWindows = 24

  func run() throws {
    let shape = try shape()
    var table = FeatureTable(features: shape.featureNames.count)
    for file in files {
      report("measuring \(file.printable)")
      let windows = try WindowedFile(file, form, cut, windowSamples: shape.windowSamples)
      guard windows.rateHz == shape.sampleRateHz else {
        throw UsageError(
          "\(file.printable) has \(plain(windows.rateHz)) Hz, \(files[0].printable) \(plain(shape.sampleRateHz)) Hz: give recordings of one rate"
        )
      }
      windows.forEach { _, features in table.append(features) }
    }
    guard table.count >= Self.leastWindows else {
      throw UsageError(
        "\(table.count) windows: expected \(Self.leastWindows) or more; give longer recordings or a shorter --window")
    }
    report("learning from \(table.count) windows")
    try write(
      TrainingJob(point: PointID(machine: seed, point: "1"), shape: shape, windows: table, overlappingNeighbours: neighbours)
        .runAsOne())
  }

  private var window: Int { cut.window ?? WindowCut.defaultSamples }
  private var neighbours: Int { (window - 1) / cut.hop(window) }

  private func shape() throws -> ModelShape {
    let first = try WindowedFile(files[0], form, cut, windowSamples: window)
    return ModelShape(
      windowSamples: window, sampleRateHz: first.rateHz, unit: first.unit, featureNames: first.featureNames)
  }

  private func write(_ learned: Model) throws {
    try OutputFile.write(learned.encoded(), to: model)
    if output.json { return printJSON(ModelCard(learned)) }
    print("wrote \(model.printable): \(learned.version), \(learned.calibration.words)")
  }

  private func report(_ step: String) {
    if isatty(STDERR_FILENO) == 1 { complain("thrum model learn: \(step)") }
  }
}
