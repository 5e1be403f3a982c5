import Signal
import Testing

@testable import Anomaly

@Suite("What a machine's scalars say")
struct MachineReadingsTests {
  private static func speed(_ rpm: Double, at seconds: Double?, receivedAt: Double = 1e6) -> Reading {
    Reading(
      value: rpm, unit: .perMinute, quantity: .speed, time: seconds.map { UnixTime(seconds: $0) },
      receivedAt: UnixTime(seconds: receivedAt))
  }

  /// A tenth of a second long.
  private static func frame(at seconds: Double?, receivedAt: Double = 1e6) -> Frame {
    var maker = FrameMaker()
    return maker.frame(at: seconds, receivedAt: receivedAt)
  }

  @Test("a frame's speed is the one nearest to its middle")
  func nearest() {
    var readings = MachineReadings()
    for (rpm, seconds) in [(1000.0, 100.0), (1100, 101), (1200, 102)] { readings.take(Self.speed(rpm, at: seconds)) }
    #expect(readings.speedRPM(at: Self.frame(at: 90)) == 1000)
    #expect(readings.speedRPM(at: Self.frame(at: 100.44)) == 1000)
    #expect(readings.speedRPM(at: Self.frame(at: 100.46)) == 1100)
    #expect(readings.speedRPM(at: Self.frame(at: 111)) == 1200)
  }

  @Test("none that is near enough: ten seconds, or one and a half of the source's intervals")
  func tolerance() {
    var readings = MachineReadings()
    #expect(readings.speedRPM(at: Self.frame(at: 0)) == nil)
    readings.take(Self.speed(1000, at: 100))
    #expect(readings.speedRPM(at: Self.frame(at: 109.9)) == 1000)
    #expect(readings.speedRPM(at: Self.frame(at: 110)) == nil && readings.speedRPM(at: Self.frame(at: 89.9)) == nil)
    readings.take(Self.speed(2000, at: 200), expectedIntervalSeconds: 60)
    #expect(readings.speedRPM(at: Self.frame(at: 289)) == 2000 && readings.speedRPM(at: Self.frame(at: 291)) == nil)
  }

  @Test(
    "where either has no capture time, arrival counts", arguments: [(nil, 500.0), (500, nil), (nil, nil)] as [(Double?, Double?)])
  func arrival(times: (speed: Double?, frame: Double?)) {
    var readings = MachineReadings()
    readings.take(Self.speed(1000, at: times.speed, receivedAt: 100))
    readings.take(Self.speed(1100, at: times.speed, receivedAt: 104))
    #expect(readings.speedRPM(at: Self.frame(at: times.frame, receivedAt: 101)) == 1000)
    #expect(readings.speedRPM(at: Self.frame(at: times.frame, receivedAt: 104)) == 1100)
    #expect(readings.speedRPM(at: Self.frame(at: times.frame, receivedAt: 120)) == nil)
  }

  @Test("hertz are turned into revolutions per minute, backwards counts as forwards, what no shaft does not at all")
  func kinds() {
    var readings = MachineReadings()
    let turns = Reading(value: -25, unit: .hertz, quantity: .speed, receivedAt: UnixTime(seconds: 0))
    for value in [Double.nan, .infinity, 1e9] { readings.take(Self.speed(value, at: nil, receivedAt: 0)) }
    #expect(readings.speedRPM(at: Self.frame(at: nil, receivedAt: 0)) == nil)
    readings.take(turns)
    #expect(readings.speedRPM(at: Self.frame(at: nil, receivedAt: 0)) == 1500)
  }

  @Test("the newest of each quantity is had, and no more is kept than is said")
  func bounded() {
    var readings = MachineReadings()
    for second in 0..<1000 { readings.take(Self.speed(Double(second), at: Double(second))) }
    readings.take(Reading(value: 3, unit: .ampere, quantity: .current, receivedAt: UnixTime(seconds: 1)))
    #expect(readings.latest(.speed)?.value == 999 && readings.latest(.current)?.value == 3)
    #expect(readings.latest(.temperature) == nil)
    let oldest = Double(1000 - MachineReadings.mostSpeeds)
    #expect(readings.speedRPM(at: Self.frame(at: oldest - 5)) == oldest)
  }
}
