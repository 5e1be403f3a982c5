import Anomaly
import Signal

extension ThrumConfig {
  /// `[[machine]]`: what is known about a machine beyond its name. Undeclared ones are watched too, without severity and bearings.
  package struct Machine: Sendable, Equatable {
    package var name: String
    /// Evaluation class, as `iso20816-3/group2/rigid`.
    package var severity: String?
    package var speedRPM: Double?
    package var powerKilowatts: Double?
    /// Slower than this, as measured, it stands; `nil`: a tenth of `speedRPM`, or 10.
    package var stoppedBelowRPM: Double?
    /// A motor that draws less stands, A; `nil`: its current does not tell.
    package var stoppedBelowAmperes: Double?
    /// How long after a start or a change of speed nothing is judged.
    package var settleSeconds: Double
    /// Of the gear, and blades or vanes, on the shaft whose speed is given.
    package var teeth: Int?
    package var blades: Int?
    /// What an electric motor is fed with.
    package var lineHz: Double?
    /// Of that motor: with `lineHz` the speed of its field, and with the shaft's its slip.
    package var poles: Int?
    package var points: [Point]

    /// - Parameters:
    ///   - classes: those that it can name.
    ///   - bearings: those that its points can name beside the catalogue's.
    init(_ table: TableReader, classes: [SeverityClass], bearings: [OwnBearing]) {
      name = table.text("name", .name)
      severity = table.optionalText("severity", .severityClass(of: classes.map(\.name)))
      speedRPM = table.optionalNumber("speed_rpm", 1...1_000_000)
      powerKilowatts = table.optionalNumber("power_kw", 0.001...1_000_000)
      stoppedBelowRPM = table.optionalNumber("stopped_below_rpm", 0.001...1_000_000)
      stoppedBelowAmperes = table.optionalNumber("stopped_below_a", 0.001...1_000_000)
      settleSeconds = table.number("settle_s", 0...3600, default: 10)
      teeth = table.optionalInteger("teeth", 2...10_000)
      blades = table.optionalInteger("blades", 2...1000)
      lineHz = table.optionalNumber("line_hz", 1...1000)
      poles = table.optionalInteger("poles", 2...100)
      points = table.tables("point").map { Point($0, bearings) }
      classes.first { $0.name == severity }?.reportMismatch(of: self, to: table)
      reportPoles(to: table)
      table.finish()
    }
  }

  package struct Point: Sendable, Equatable {
    package var name: String
    package var direction: Direction?
    package var bearing: Bearing?
    /// Largest magnitude the sensor can measure, in the source's unit.
    package var range: Double?
    /// RMS below which the machine stands, in the source's unit.
    package var stoppedBelowRMS: Double?
    /// From where on the sensor's checks object.
    package var checks: CheckThresholds
    /// Of a block for severity at least, seconds; `nil`: as short as its band allows.
    package var severityBlockSeconds: Double?
    /// Of a scalar, in its source's unit.
    package var limits: ScalarLimits?

    package enum Direction: String, Sendable, CaseIterable { case radial, axial, horizontal, vertical, tangential }

    init(_ table: TableReader, _ bearings: [OwnBearing]) {
      name = table.text("name", .name)
      direction = table.optionalChoice("direction")
      bearing = Bearing(table, key: "bearing", bearings)
      range = table.optionalNumber("range", 0.001...1_000_000)
      stoppedBelowRMS = table.optionalNumber("stopped_below_rms", 1e-9...1_000_000)
      checks = CheckThresholds(table.table("checks"))
      severityBlockSeconds = table.optionalNumber("severity_block_s", 1...60)
      limits = table.optionalTable("limits").map { ScalarLimits($0) }
      table.finish()
    }
  }

  /// Where a bearing's defect frequencies come from.
  package enum Bearing: Sendable, Equatable {
    /// A designation, as `6313`.
    case catalogue(String)
    case geometry(balls: Int, ballMillimetres: Double, pitchMillimetres: Double, contactDegrees: Double)
    /// In orders of the shaft; a ball's defects strike at 2 × bsf.
    case multiples(bpfo: Double, bpfi: Double, bsf: Double, ftf: Double)

    init?(_ table: TableReader, key: String, _ own: [OwnBearing]) {
      if table.hasText(key) {
        guard let designation = table.optionalText(key, .line) else { return nil }
        if BearingCatalogue.entry(of: designation) == nil, !own.contains(where: { $0.name == designation }) {
          table.report(
            key, "\(designation) is neither in the catalogue nor a [[bearing]]; give { balls, ball_mm, pitch_mm, contact_deg }")
        }
        self = own.first { $0.name == designation }?.bearing ?? .catalogue(designation)
      } else {
        guard let figures = table.optionalTable(key, expected: "a designation or a table") else { return nil }
        self.init(figures)
        figures.finish()
      }
    }

    /// From a table of its geometry or its lines.
    init(_ table: TableReader) { self = table.has("balls") ? Self.geometry(table) : Self.multiples(table) }

    private static func geometry(_ table: TableReader) -> Self {
      let ball = table.number("ball_mm", 0.1...1000)
      let pitch = table.number("pitch_mm", 0.1...10_000)
      if ball >= pitch, pitch > 0 { table.report("ball_mm", "expected less than pitch_mm, got \(ball)") }
      return .geometry(
        balls: table.integer("balls", 3...1000), ballMillimetres: ball, pitchMillimetres: pitch,
        contactDegrees: table.number("contact_deg", 0...89, default: 0))
    }

    private static func multiples(_ table: TableReader) -> Self {
      let (bpfo, bpfi) = (table.number("bpfo", 0.1...1000), table.number("bpfi", 0.1...1000))
      let (bsf, ftf) = (table.number("bsf", 0.1...1000), table.number("ftf", 0.01...1))
      if ["bpfo", "bpfi", "bsf", "ftf"].allSatisfy(table.has) {
        table.reportInconsistency(bpfo: bpfo, bpfi: bpfi, bsf: bsf, ftf: ftf)
      }
      return .multiples(bpfo: bpfo, bpfi: bpfi, bsf: bsf, ftf: ftf)
    }
  }
}
