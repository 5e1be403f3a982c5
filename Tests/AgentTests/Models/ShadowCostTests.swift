import Anomaly
import Contracts
import ModelFixtures
import ModelPackages
import Signal
import Testing

@testable import Agent

/// What a model on trial costs the loop that it must not delay.
@Suite(.serialized) struct ShadowCostTests {
  private static let points = (0..<8).map { "pump-\($0)/de" }

  /// Some millions of multiplications a window: it cannot keep up, and need not.
  private func heavy() throws -> ModelPackage {
    var chain = try LayerChain(inputs: 256)
    for (inputs, outputs) in [(256, 1536), (1536, 1536), (1536, 256)] {
      try chain.append(
        .dense(
          DenseLayer(
            inputs: inputs, outputs: outputs, weights: [Float](repeating: 0, count: inputs * outputs),
            bias: [Float](repeating: 0, count: outputs))))
    }
    let shape = ModelShape(windowSamples: 256, sampleRateHz: 2560, unit: .gravity, featureNames: [])
    let model = try ImportedModel(input: .window, shape: shape, parts: ImportedParts(before: chain), limit: 1)
    return try Machine.package(.imported(model))
  }

  /// Processor time of the ingest loop for each of so many batches, µs, sorted.
  private func times(_ bench: RoadBench, _ batches: Int) throws -> [Double] {
    var times: [Double] = []
    for _ in 0..<batches {
      let batch = bench.batch(Self.points)
      let start = ThreadClock.nanoseconds()
      let change = bench.workers.take(batch, at: bench.now)
      times.append(Double(ThreadClock.nanoseconds() - start) / 1000)
      try bench.commit(change)
    }
    return times.sorted()
  }

  @Test("a model that cannot keep up in shadow takes less than a fifth of the loop's time, and what it cannot judge is counted")
  func heavyShadow() throws {
    let bench = try RoadBench()
    _ = try times(bench, 50)
    let before = try times(bench, 300)
    let package = try heavy()
    var rollout = Machine.rollout(package, windows: 100_000)
    rollout.gates.maxP99Microseconds = 1_000_000
    try bench.offer(package, rollout)
    _ = bench.desk.workOff(asksConfirmed: false)
    let desk = bench.desk
    try OwnThread.start(name: "models") { desk.run() }
    defer { desk.stop() }
    _ = try times(bench, 20)
    let during = try times(bench, 300)
    print("ingest loop, 8 points a batch: median \(before[150]) -> \(during[150]) µs, p99 \(before[297]) -> \(during[297]) µs")
    // Caches that others use show in processor time too, least in the quick batches.
    #expect(during[30] / before[30] < 1.2)
    #expect(try bench.stage(package) == .shadow)
    #expect(bench.desk.report.models.first?.points.contains { $0.skipped > 0 } == true)
    #expect(try bench.ledgerIsExact())
  }
}
