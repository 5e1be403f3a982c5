import Glibc
import Signal
import Testing

@testable import Anomaly

@Suite("Severity zones")
struct SeverityTests {
  static let limits = SeverityLimits(ab: 1.4, bc: 2.8, cd: 4.5)

  @Test("the limits of every class rise, and its name is known", arguments: SeverityClass.shipped.map(\.name))
  func table(name: String) throws {
    let limits = try #require(SeverityClass(named: name)).limits
    #expect(0 < limits.ab && limits.ab < limits.bc && limits.bc < limits.cd)
    #expect(limits.zone(of: limits.bc) == .c)
    #expect(limits.zone(of: limits.cd) == .d)
  }

  @Test("a class that nobody knows has no limits")
  func unknown() { #expect(SeverityClass(named: "iso20816-3/group9/rigid") == nil) }

  @Test(
    "a zone is believed when two blocks agree, a better one 10 % below its limit",
    arguments: [
      ([1.0], .a), ([1, 3], .a), ([1, 3, 3], .c), ([3, 5, 3], .c), ([3, 2.7, 2.7], .c), ([3, 2.5, 2.5], .b), ([5, 1, 1], .a),
      ([5, 4.3, 4.3], .d),
    ] as [([Double], SeverityZone)])
  func rule(velocities: [Double], zone: SeverityZone) {
    var rule = SeverityRule(zone: nil)
    for velocity in velocities { rule.take(velocity, limits: Self.limits) }
    #expect(rule.zone == zone)
  }

  @Test("the first block decides, untrained: a machine that shakes at 5 mm/s raises an alarm with its reason")
  func firstBlock() throws {
    var bench = Bench(Self.settings)
    var changes: [VerdictChange] = []
    for number in 0..<16 {
      bench.take(Self.shaking(velocityRMS: 5, number))
      changes += bench.last.changes
    }
    #expect(bench.last.state.zone == .d)
    #expect(abs((bench.last.state.velocityRMS ?? 0) - 5) < 0.1)
    let alarm = try #require(changes.last { $0.verdict == .alarm })
    #expect(alarm.explanation.decidedBy == ["zones"])
    #expect(alarm.explanation.words.hasPrefix("Velocity RMS 5 mm/s lies in zone D (from 4.5 mm/s on)"))
    #expect((1...512).contains(alarm.explanation.spectrum?.amplitude.count ?? 0))
  }

  @Test("a slow machine's displacement counts where it is worse than its velocity, and says so")
  func slow() throws {
    let severityClass = try #require(SeverityClass(named: "iso20816-3/group2/rigid"))
    var settings = Self.settings
    (settings.severity, settings.displacementLimits) = (severityClass.limits, severityClass.displacementLimits)
    for (bandHz, zone) in [(SeverityBand.slow, SeverityZone.c), (SeverityBand.usual, .a)] {
      settings.severityBandHz = bandHz
      var bench = Bench(settings)
      var words = ""
      for number in 0..<48 {
        bench.take(Self.shaking(velocityRMS: 1, number, hertz: 3))
        words = bench.last.changes.last { $0.verdict == .warning }?.explanation.words ?? words
      }
      #expect(bench.last.state.zone == zone)
      #expect(words.hasPrefix("Displacement RMS 53") == (zone == .c), "\(words)")
    }
  }

  @Test("velocity that is too high is explained by the shaft's lines, where its speed is known")
  func shaft() throws {
    for speedRPM in [4800.0, nil] {
      var settings = Self.settings
      settings.speedRPM = speedRPM
      var bench = Bench(settings)
      var words = ""
      for number in 0..<16 {
        bench.take(Self.shaking(velocityRMS: 5, number))
        words = bench.last.changes.last { $0.verdict == .alarm }?.explanation.words ?? words
      }
      #expect(
        words.contains("1x 80 Hz at 5 mm/s RMS: consistent with unbalance; to confirm it, ") == (speedRPM != nil), "\(words)")
    }
  }

  @Test("a quiet machine with a class is normal while it learns; without one nothing is decided", arguments: [true, false])
  func learning(hasClass: Bool) {
    var settings = Self.settings
    settings.baselineWindows = 1000
    if !hasClass { settings.severity = nil }
    var bench = Bench(settings)
    for number in 0..<16 { bench.take(Self.shaking(velocityRMS: 0.5, number)) }
    #expect(bench.last.state.verdict == (hasClass ? .normal : .abstain(.learning)))
    #expect(bench.last.state.baseline.windows > 0)
  }

  @Test("nothing is learned from a machine in zone C")
  func notHealthy() {
    var settings = Self.settings
    settings.baselineWindows = 1000
    var bench = Bench(settings)
    for number in 0..<8 { bench.take(Self.shaking(velocityRMS: 3.5, number)) }
    let learned = bench.last.state.baseline.windows
    for number in 8..<24 { bench.take(Self.shaking(velocityRMS: 3.5, number)) }
    #expect(bench.last.state.baseline.windows == learned)
  }

  static var settings: PointSettings {
    var settings = PointSettings.small
    settings.windowSamples = 1024
    settings.severity = limits
    return settings
  }

  /// 2048 samples at 8192 Hz of a tone in m/s², with a little noise.
  static func shaking(velocityRMS: Double, _ number: Int, hertz: Double = 80) -> Frame {
    var random = SplitMix64(seed: UInt64(number))
    let omega = 2 * Double.pi * hertz
    let amplitude = velocityRMS / 1000 * 2.0.squareRoot() * omega
    let samples = (0..<2048).map { n in
      Float(amplitude * sin(omega * Double(number * 2048 + n) / 8192) + 0.01 * (random.uniform() - 0.5))
    }
    return FrameMaker.frame(samples, rate: 8192, unit: .metrePerSecondSquared, sequence: UInt64(number))
  }
}

@Suite("Debounce")
struct DebounceTests {
  /// N normal, W warning, A alarm, - abstains.
  @Test(
    "up when three of five agree, down after ten quiet ones",
    arguments: [
      ("NNNNN", "normal"), ("WNWNN", "normal"), ("WNWNW", "warning"), ("WWNNNNNNNNN", "normal"), ("WWWNNNNNNNNN", "warning"),
      ("WWWNNNNNNNNNN", "normal"), ("AAA", "alarm"), ("AAWWW", "warning"), ("AAAWWWWWWWWWW", "warning"),
      ("AAAWNNNNNNNN", "alarm"),
      ("WW---W", "warning"),
    ])
  func table(windows: String, standing: String) {
    var (debounce, verdict) = (Debounce(), Verdict.normal)
    for letter in windows {
      debounce.push(["N": .normal, "W": .warning, "A": .alarm][letter] ?? .abstain(.noData))
      verdict = debounce.verdict(after: verdict, DebounceSettings())
    }
    #expect(verdict.name == standing)
  }

  @Test("runs as long as the bits there are")
  func extremes() {
    var settings = DebounceSettings()
    (settings.raise, settings.of, settings.clear) = (32, 32, 32)
    var (debounce, verdict) = (Debounce(), Verdict.normal)
    for count in 1...32 {
      debounce.push(.alarm)
      verdict = debounce.verdict(after: verdict, settings)
      #expect(verdict == (count == 32 ? .alarm : .normal))
    }
  }
}
