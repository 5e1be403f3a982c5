import Anomaly
import ArgumentParser
import Glibc
import ONNX
import Signal

/// Times learning and scoring on made-up windows; the same model goes to ONNX Runtime (scripts/models_bench.py).
struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Time learning 2,000 windows of 60 features and scoring: one JSON object, times in microseconds as [least, median]."
  )

  @Option(help: "Folder for model.onnx and rows.f32, the standardized windows.") var out: String

  private static let windows = 2000, features = 60, rows = 256

  func run() throws {
    let table = Self.table(Self.windows, seed: 1)
    let shape = ModelShape(
      windowSamples: 4096, sampleRateHz: 25_600, unit: .gravity, featureNames: (0..<Self.features).map { "feature\($0)" })
    let job = TrainingJob(point: PointID(machine: "bench", point: "1"), shape: shape, windows: table, overlappingNeighbours: 1)
    let (before, clock) = (Self.peakKiB(), ContinuousClock())
    var model: Model?
    let seconds = clock.measure { model = job.runAsOne() } / .seconds(1)
    let extra = Self.peakKiB() - before
    guard let model else { return }
    try Self.write(ONNXExport.bytes(of: model), "\(out)/model.onnx")
    // Healthy windows in standard deviations: what the detectors look at.
    let standardized = Self.standardized(table)
    try Self.write(standardized.withUnsafeBytes { Array($0) }, "\(out)/rows.f32")
    let times = [("autoencoder", 0), ("forest", 1)].map { name, index in
      let one = Self.time(2000, rows: standardized, rowsAtOnce: 1) { scores, row in
        scores[0] = model.score(ofDetector: index, row)
      }
      let all = Self.time(20, rows: standardized, rowsAtOnce: Self.rows) { model.scores(ofDetector: index, $1, into: $0) }
      return "\"\(name)_1\":[\(one.0),\(one.1)],\"\(name)_256\":[\(all.0),\(all.1)]"
    }
    print("{\"learn_s\":\(seconds),\"learn_extra_mib\":\(Double(extra) / 1024),\(times.joined(separator: ","))}")
  }

  /// The first windows of a table, less their means and over their deviations.
  private static func standardized(_ table: FeatureTable) -> [Float] {
    var result = [Float](repeating: 0, count: rows * features)
    for feature in 0..<features {
      let column = (0..<table.count).map { Double(table.values[$0 * features + feature]) }
      let mean = column.reduce(0, +) / Double(column.count)
      let deviation = (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)).squareRoot()
      for row in 0..<rows { result[row * features + feature] = Float((column[row] - mean) / deviation) }
    }
    return result
  }

  /// Twelve causes behind sixty features, with noise.
  private static func table(_ count: Int, seed: UInt64) -> FeatureTable {
    var random = SplitMix64(seed: seed)
    var table = FeatureTable(features: features)
    let loads = (0..<features * 12).map { _ in Float(random.uniform() - 0.5) }
    for _ in 0..<count {
      let causes = (0..<12).map { _ in Float(random.uniform() + random.uniform() + random.uniform() - 1.5) }
      table.append(
        (0..<features).map { feature in
          (0..<12).reduce(Float(random.uniform() - 0.5) * 0.2 + 5) { $0 + loads[feature * 12 + $1] * causes[$1] }
        })
    }
    return table
  }

  /// Least and median microseconds of a call, over 31 series.
  private static func time(
    _ repetitions: Int, rows values: [Float], rowsAtOnce: Int,
    _ body: (UnsafeMutableBufferPointer<Float>, UnsafeBufferPointer<Float>) -> Void
  ) -> (Double, Double) {
    let clock = ContinuousClock()
    var (scores, sum) = ([Float](repeating: 0, count: rowsAtOnce), Float(0))
    let series = (0..<31).map { _ in
      clock.measure {
        for index in 0..<repetitions {
          let start = index % (rows / rowsAtOnce) * rowsAtOnce * features
          values.withUnsafeBufferPointer { all in
            scores.withUnsafeMutableBufferPointer { body($0, .init(rebasing: all[start..<start + rowsAtOnce * features])) }
          }
          sum += scores[0]
        }
      } / repetitions / .microseconds(1)
    }.sorted()
    precondition(sum.isFinite)
    return (series[0], series[15])
  }

  /// The most that this process has held at once; getrusage would count what its parent held before.
  private static func peakKiB() -> Int {
    guard let file = fopen("/proc/self/status", "re") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
      let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split {
        " \t\n".contains($0)
      }
      if words.count > 1, words[0] == "VmHWM:" { return Int(words[1]) ?? 0 }
    }
    return 0
  }

  private static func write(_ bytes: [UInt8], _ path: String) throws {
    guard let file = fopen(path, "we"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
      throw ValidationError("write \(path): \(String(cString: strerror(errno)))")
    }
  }
}
