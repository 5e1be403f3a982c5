import Signal
import Simulator
import Testing

@testable import Anomaly

@Suite("An axial point beside a radial one")
struct AxialPointTests {
  @Test("misalignment is spoken of only where a recent axial point shows it", arguments: [0.0, 30, 90, nil])
  func misalignment(ageSeconds: Double?) throws {
    var (radial, axial) = (Bench(Self.settings(isAxial: false)), Bench(Self.settings(isAxial: true)))
    var (across, along) = (Self.simulator(.radial), Self.simulator(.axial))
    var lines: ShaftLines?
    for number in 0..<8 {
      axial.take(Self.frame(&along, number))
      lines = axial.pipeline.takeAxialLines() ?? lines
    }
    #expect(axial.last.changes.isEmpty)
    var machine = MachineReadings()
    machine.axial = ageSeconds.flatMap { age in lines.map { .init(lines: $0, receivedAt: UnixTime(seconds: 1e6 - age)) } }
    var words = ""
    for number in 0..<8 {
      let frame = Self.frame(&across, number)
      radial.run { $0.take(frame, arrival: 0, machine: machine, into: &$1) }
      words = radial.last.changes.last { $0.verdict.priority != nil }?.explanation.words ?? words
    }
    #expect(radial.pipeline.takeAxialLines() == nil)
    #expect(words.contains("consistent with misalignment") == (ageSeconds.map { $0 <= 60 } ?? false), "\(words)")
  }

  private static func settings(isAxial: Bool) -> PointSettings {
    var settings = PointSettings.small
    (settings.windowSamples, settings.speedRPM, settings.isAxial) = (1024, 1500, isAxial)
    settings.severity = isAxial ? nil : SeverityLimits(ab: 1.4, bc: 2.8, cd: 4.5)
    return settings
  }

  private static func simulator(_ direction: MachineSimulator.Direction) -> MachineSimulator {
    var machine = MachineSimulator.Machine()
    (machine.sampleRateHz, machine.shaftHz, machine.direction) = (5120, 25, direction)
    machine.resonances = [.init(frequencyHz: 1500)]
    machine.noiseRMS = 0.02
    return MachineSimulator(fault: .misalignment, machine: machine, seed: 2)
  }

  private static func frame(_ simulator: inout MachineSimulator, _ number: Int) -> Frame {
    FrameMaker.frame(simulator.next(2560).samples, rate: 5120, sequence: UInt64(number), at: Double(number) / 2)
  }
}
