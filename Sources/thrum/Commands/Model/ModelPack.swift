import Anomaly
import ArgumentParser
import ModelPackages
import Recordings
import Signal
import Terminal

struct ModelPack: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "package",
    abstract: "Put a model, its card and golden windows into one file for gateways.",
    discussion: """
      Golden windows are cut evenly out of the recordings, measured and scored here; every gateway measures and scores them again \
      before the model runs there. Healthy ones must score below 1, faulty ones 1 or more, or the package is refused. The card is \
      JSON; docs/MODELS.md shows one.

      EXAMPLES
        thrum model package pump.model --card card.json --golden-healthy ok.f32 --golden-faulty bad.f32 --rate 12000 --unit g -o pump.thrum
        thrum model package conv.model --card card.json --golden-healthy a.wav b.wav --golden-faulty c.wav --unit g --max-p99-us 5000 -o c.thrum
      """)

  @Argument(help: "A model's file, learned or imported.", completion: .file())
  var model: String
  @Option(help: "The card's JSON.")
  var card: String
  @Option(name: .customLong("golden-healthy"), parsing: .upToNextOption, help: "Recordings of the healthy machine.")
  var healthy: [String]
  @Option(name: .customLong("golden-faulty"), parsing: .upToNextOption, help: "Recordings of faults that it must find.")
  var faulty: [String]
  @Option(name: .customLong("per-file"), help: "Golden windows out of each recording.")
  var perFile = 2
  @Option(help: "The shaft's speed in them, r/min, where the model has regimes.")
  var rpm: Double?
  @Option(name: .customLong("max-p99-us"), help: "99 of 100 windows may take this long, µs.")
  var maxP99Microseconds: Int64 = 20_000
  @Option(name: .customLong("max-bytes"), help: "Memory it may take.")
  var maxBytes: Int64 = 32 << 20
  @OptionGroup var form: SampleForm
  @OptionGroup var output: Output
  @Option(name: [.customShort("o"), .customLong("output")], help: "The package.", completion: .file())
  var file: String

  func validate() throws {
    guard (1...GoldenVector.most).contains(perFile) else {
      throw ValidationError("--per-file \(perFile): expected 1 to \(GoldenVector.most)")
    }
    guard maxP99Microseconds > 0, maxBytes > 0 else { throw ValidationError("--max-p99-us and --max-bytes: expected above 0") }
  }

  func run() throws {
    let delivered = try AnyModel(reading: model).delivered
    let inputs = try DeliveredInputs(delivered)
    var golden: [GoldenVector] = []
    for (files, kind) in [(healthy, GoldenVector.Kind.healthy), (faulty, .faulty)] {
      for path in files {
        golden += try windows(of: path, delivered).map { try GoldenVector(measuring: $0, kind, speedRPM: rpm, delivered, inputs) }
      }
    }
    let package = try ModelPackage(
      card: PackageCard(json: FileBytes.read(card), card),
      limits: PackageLimits(maxP99Microseconds: maxP99Microseconds, maxBytes: maxBytes), model: delivered, golden: golden)
    let replay = try GoldenReplay.run(package, nanoseconds: ProcessorTime.nanoseconds)
    try OutputFile.write(package.encoded(), to: file)
    if output.json { return printJSON(VerifiedPackage(package, replay)) }
    print(
      "wrote \(file.printable): \(package.card.model) \(package.card.version), \(package.byteCount) bytes, \(golden.count) golden windows"
    )
    print("sha256 \(package.digest)")
  }

  private func windows(of path: String, _ model: DeliveredModel) throws -> [[Float]] {
    let samples = try form.samples(of: path)
    let (count, shape) = (model.shape.windowSamples, model.shape)
    guard samples.rateHz == shape.sampleRateHz, samples.unit == shape.unit, samples.values.count >= count else {
      throw UsageError(
        "\(path.printable): \(samples.values.count) samples at \(plain(samples.rateHz)) Hz in \(samples.unit.rawValue); the model is for "
          + "windows of \(count) at \(plain(shape.sampleRateHz)) Hz in \(shape.unit.rawValue)")
    }
    let room = samples.values.count - count
    return (0..<min(perFile, room + 1)).map { index in
      let start = perFile == 1 ? 0 : room * index / (perFile - 1)
      return Array(samples.values[start..<start + count])
    }
  }
}
