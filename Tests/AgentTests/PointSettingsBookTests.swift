import Anomaly
import Configuration
import Signal
import Testing

@testable import Agent

/// What the configuration says about a point, put together from its source and its machine.
@Suite struct PointSettingsBookTests {
  private static let text = """
    [[source]]
    topic = '{machine}/{point}'
    payload = 'f32le'
    unit = 'g'
    sample_rate_hz = 12000
    window_samples = 2048
    overlap = 0.25
    expected_interval_s = 2
    baseline_windows = 70

    [[machine]]
    name = 'pump'
    severity = 'iso20816-3/group2/rigid'
    speed_rpm = 1485
    teeth = 23
    line_hz = 50
    poles = 4
    [[machine.point]]
    name = 'catalogue'
    bearing = '6205'
    [[machine.point]]
    name = 'geometry'
    bearing = { balls = 9, ball_mm = 7.94, pitch_mm = 39.04 }
    [[machine.point]]
    name = 'lines'
    bearing = { bpfo = 3.5, bpfi = 5.4, bsf = 2.3, ftf = 0.4 }
    severity_block_s = 8
    [machine.point.checks]
    clipped_places = 9
    """

  private func settings(_ machine: String, _ point: String) throws -> PointSettings {
    let config = try ConfigFile.parse([("thrum.toml", Self.text)])
    let source = try #require(config.sources.first)
    return PointSettingsBook(config).settings(of: PointID(machine: machine, point: point), from: source)
  }

  @Test("a point that is not declared has its source's settings alone")
  func undeclared() throws {
    var expected = PointSettings()
    expected.windowSamples = 2048
    expected.overlap = 0.25
    expected.sampleRateHz = 12000
    expected.expectedIntervalSeconds = 2
    expected.baselineWindows = 70
    #expect(try settings("fan", "catalogue") == expected)
  }

  @Test("the points of a machine share its false alarms: as many as are declared or were heard, whichever is more")
  func share() throws {
    let book = PointSettingsBook(try ConfigFile.parse([("thrum.toml", Self.text)]))
    let declared = [1, 3, 6].map { book.budget(ofMachine: "pump", heardPoints: $0) }
    #expect(declared == [3, 3, 6].map { FalseAlarmBudget(ofMachine: 2, points: $0) })
    let undeclared = [1, 4].map { book.budget(ofMachine: "fan", heardPoints: $0) }
    #expect(undeclared == [1, 4].map { FalseAlarmBudget(ofMachine: 2, points: $0) })
  }

  @Test("severity and speed are the machine's, also for its points that are not declared")
  func machine() throws {
    let settings = try settings("pump", "elsewhere")
    #expect(settings.severity == SeverityClass(named: "iso20816-3/group2/rigid")?.limits)
    #expect(settings.speedRPM == 1485)
    #expect(settings.parts == MachineParts(teeth: 23, lineHz: 50, poles: 4))
    #expect(settings.bearing == nil)
  }

  @Test("a bearing's lines come from the catalogue, from its geometry, or as they are given")
  func bearings() throws {
    let catalogue = try #require(try settings("pump", "catalogue").bearing)
    #expect(abs(catalogue.bpfo - 3.585) < 0.001)
    #expect(try settings("pump", "geometry").bearing == catalogue)
    #expect(try settings("pump", "lines").bearing == BearingMultiples(bpfo: 3.5, bpfi: 5.4, bsf: 2.3, ftf: 0.4))
  }

  @Test("a point's own thresholds and block are its own; others keep what fits most sensors")
  func checks() throws {
    let own = try settings("pump", "lines")
    #expect(own.checks.clippedPlaces == 9 && own.checks.dropoutSamples == CheckThresholds().dropoutSamples)
    #expect(own.severityBlockSeconds == 8)
    #expect(try settings("pump", "geometry").checks == CheckThresholds())
  }
}
