import Signal
import Simulator
import Testing

@testable import Anomaly

@Suite("How much a diagnosis needs")
struct DiagnosisBlockTests {
  private static let bearing = BearingMultiples(bpfo: 3.585, bpfi: 5.415, bsf: 2.357, ftf: 0.3983)

  @Test("35 turns of the shaft, a second at least, and a resolution of a third of the cage's frequency")
  func needs() {
    #expect(DiagnosisBlock(shaftHz: 50).seconds == 1)
    #expect(DiagnosisBlock(shaftHz: 25).seconds == 1.4)
    #expect(DiagnosisBlock(shaftHz: 25, multiples: Self.bearing).segmentSeconds == 1)
    let slow = DiagnosisBlock(shaftHz: 1, multiples: Self.bearing)
    #expect(slow.seconds == 35)
    #expect(abs(slow.segmentSeconds - 3 / 0.3983) < 1e-9)
    #expect(DiagnosisBlock(shaftHz: nil).seconds == 1)
  }

  @Test("a machine as slow as a turn in a second is diagnosed once 35 turns are at hand, and not before")
  func slowShaft() throws {
    let words = Self.explanations(shaftHz: 1, seconds: 42)
    #expect(try #require(words.first).contains("block_too_short"), "\(words)")
    #expect(try #require(words.last).contains("outer race"), "\(words)")
  }

  @Test("bursts of a second name nothing at 1500 r/min, bursts of two seconds do, whether or not their pauses are declared")
  func bursts() throws {
    for expectedIntervalSeconds in [nil, 600.0] {
      for (burstSeconds, isNamed) in [(1.0, false), (2.0, true)] {
        let words = Self.explanations(
          shaftHz: 25, seconds: 8 * burstSeconds, burstSeconds: burstSeconds, expectedIntervalSeconds: expectedIntervalSeconds)
        #expect(try #require(words.last).contains("outer race") == isNamed, "\(words)")
        #expect(try #require(words.last).contains("block_too_short") != isNamed, "\(words)")
      }
    }
  }

  @Test("a bearing that begins to fail on a machine in alarm is told within a minute or so")
  func later() throws {
    var (healthy, faulty) = (Self.simulator(shaftHz: 25, fault: .none), Self.simulator(shaftHz: 25, fault: .inner))
    var bench = Bench(Self.settings(shaftHz: 25))
    var words: [String] = []
    for number in 0..<160 {
      let samples = number < 15 ? healthy.next(5120).samples : faulty.next(5120).samples
      bench.take(FrameMaker.frame(samples, rate: 5120, sequence: UInt64(number), at: Double(number)))
      let told = bench.last.changes.filter { $0.verdict == .alarm }.map(\.explanation)
      if number < 15 { #expect(told.allSatisfy { $0.fault != "inner" }) }
      if number < 90 { words += told.map(\.words) } else { #expect(told.isEmpty, "told once") }
    }
    #expect(try #require(words.last).contains("inner race"), "\(words)")
  }

  /// What the alarm of a machine in zone D, whose outer race has a fault, is explained by, as it grows.
  private static func explanations(
    shaftHz: Double, seconds: Double, burstSeconds: Double? = nil, expectedIntervalSeconds: Double? = nil
  ) -> [String] {
    var simulator = simulator(shaftHz: shaftHz, fault: .outer)
    var settings = settings(shaftHz: shaftHz)
    settings.expectedIntervalSeconds = expectedIntervalSeconds
    var bench = Bench(settings)
    var words: [String] = []
    let frameSamples = Int(5120 * (burstSeconds ?? 1))
    for number in 0..<Int(seconds * 5120) / frameSamples {
      bench.take(
        FrameMaker.frame(
          simulator.next(frameSamples).samples, rate: 5120, sequence: UInt64(number),
          at: Double(number) * (burstSeconds == nil ? 1 : 600)))
      words += bench.last.changes.filter { $0.verdict == .alarm }.map(\.explanation.words)
    }
    return words
  }

  private static func machine(shaftHz: Double) -> MachineSimulator.Machine {
    var machine = MachineSimulator.Machine()
    (machine.sampleRateHz, machine.shaftHz, machine.resonances) = (5120, shaftHz, [.init(frequencyHz: 1500)])
    return machine
  }

  private static func simulator(shaftHz: Double, fault: MachineSimulator.Fault) -> MachineSimulator {
    MachineSimulator(fault: fault, severity: 2, machine: machine(shaftHz: shaftHz), seed: 3)
  }

  private static func settings(shaftHz: Double) -> PointSettings {
    let machine = machine(shaftHz: shaftHz)
    var settings = PointSettings.small
    settings.windowSamples = 1024
    settings.severity = SeverityLimits(ab: 0.001, bc: 0.002, cd: 0.003)
    settings.speedRPM = 60 * shaftHz
    settings.bearing = BearingMultiples(bpfo: machine.bpfo, bpfi: machine.bpfi, bsf: machine.bsf, ftf: machine.ftf)
    return settings
  }
}
