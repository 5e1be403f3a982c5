import Anomaly

extension SeverityClass {
  /// `[[severity]]`: the site's own evaluation class; one of a shipped class's name replaces it.
  init(_ table: TableReader) {
    let limits = SeverityLimits(
      ab: table.number("ab", 0.001...10_000), bc: table.number("bc", 0.001...10_000), cd: table.number("cd", 0.001...10_000))
    self.init(
      name: table.text("name", .line), limits: limits, displacementLimits: SeverityLimits(table, "displacement_um"),
      powerKilowatts: table.optionalRange("power_kw", 0...1_000_000),
      speedRPM: table.optionalRange("speed_rpm", 0...1_000_000), bandHz: table.optionalRange("band_hz", 2...10_000),
      source: table.text("source", .line, default: "the site"))
    if table.has("ab"), table.has("bc"), table.has("cd"), !(limits.ab < limits.bc && limits.bc < limits.cd) {
      table.report("bc", "expected limits that rise, ab < bc < cd, got \(limits.ab), \(limits.bc), \(limits.cd)")
    }
    table.finish()
  }

  /// Says where a machine lies outside what the class is for.
  func reportMismatch(of machine: ThrumConfig.Machine, to table: TableReader) {
    let facts = [("power_kw", machine.powerKilowatts, powerKilowatts, "kW"), ("speed_rpm", machine.speedRPM, speedRPM, "r/min")]
    for case (let key, let value?, let range?, let unit) in facts where !range.contains(value) {
      table.report(
        key,
        "\(value) \(unit) lies outside \(range.lowerBound) to \(range.upperBound), the machines that severity class \(name) is for; "
          + "choose another class, or state the site's own in [[severity]]")
    }
  }
}

extension SeverityLimits {
  /// Three numbers that rise.
  init?(_ table: TableReader, _ key: String) {
    guard let limits = table.optionalRise(key, count: 3, 0.001...100_000) else { return nil }
    self.init(ab: limits[0], bc: limits[1], cd: limits[2])
  }
}

extension ThrumConfig {
  /// The classes that machines can name: the file's, then the shipped ones that it does not replace.
  static func severityClasses(_ own: [SeverityClass]) -> [SeverityClass] {
    own + SeverityClass.shipped.filter { shipped in !own.contains { $0.name == shipped.name } }
  }

  /// The machine's evaluation class; `nil` where it names none.
  package func severityClass(of machine: Machine) -> SeverityClass? {
    guard let name = machine.severity else { return nil }
    return Self.severityClasses(severities).first { $0.name == name }
  }
}
