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
    for (inputs, outputs) in [(256, 1536), (1536, 1536), (1536, 1536), (1536, 256)] {
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

  /// Processor time that the ingest loop takes for one batch, µs.
  private func time(_ bench: RoadBench) throws -> Double {
    let batch = bench.batch(Self.points)
    let start = ThreadClock.nanoseconds()
    let change = bench.workers.take(batch, at: bench.now)
    let microseconds = Double(ThreadClock.nanoseconds() - start) / 1000
    try bench.commit(change)
    return microseconds
  }

  /// Batches of a loop with nothing on trial beside batches of one with a model, times sorted.
  private func pairs(_ plain: RoadBench, _ trial: RoadBench, _ count: Int) throws -> (plain: [Double], trial: [Double]) {
    var plainTimes: [Double] = []
    var trialTimes: [Double] = []
    // Turn by turn, so that whatever else runs on the machine weighs on both alike.
    for _ in 0..<count {
      plainTimes.append(try time(plain))
      trialTimes.append(try time(trial))
    }
    return (plainTimes.sorted(), trialTimes.sorted())
  }

  @Test("a model that cannot keep up in shadow takes less than a fifth of the loop's time, and what it cannot judge is counted")
  func heavyShadow() throws {
    let plain = try RoadBench()
    let bench = try RoadBench()
    let package = try heavy()
    var rollout = Machine.rollout(package, windows: 100_000)
    rollout.gates.maxP99Microseconds = 1_000_000
    try bench.offer(package, rollout)
    _ = bench.desk.workOff(asksConfirmed: false)
    let desk = bench.desk
    try OwnThread.start(name: "models") { desk.run() }
    defer { desk.stop() }
    _ = try pairs(plain, bench, 50)
    let (without, with) = try pairs(plain, bench, 400)
    print("ingest loop, 8 points a batch: median \(without[200]) -> \(with[200]) µs, p99 \(without[396]) -> \(with[396]) µs")
    #expect(with[200] / without[200] < 1.2)
    // Without the other loop's turns the windows come faster than it can judge them.
    for _ in 0..<300 { _ = try time(bench) }
    #expect(try bench.stage(package) == .shadow)
    #expect(bench.desk.report.models.first?.points.contains { $0.skipped > 0 } == true)
    #expect(try bench.ledgerIsExact())
  }
}
