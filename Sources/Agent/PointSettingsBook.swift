import Anomaly
import Configuration
import Payloads
import Signal

/// What the configuration says about each point: its source's windows, its machine's severity, speed and bearing.
struct PointSettingsBook: Sendable {
  private let machines: [String: ThrumConfig.Machine]

  private let classes: [String: SeverityClass]
  private let alarms: ThrumConfig.Alarms

  init(_ config: ThrumConfig) {
    alarms = config.alarms
    let named = config.machines.compactMap { machine in config.severityClass(of: machine).map { (machine.name, $0) } }
    classes = Dictionary(named) { first, _ in first }
    machines = Dictionary(config.machines.map { ($0.name, $0) }) { first, _ in first }
  }

  func settings(of point: PointID, from source: ThrumConfig.Source) -> PointSettings {
    let machine = machines[point.machine]
    var settings = PointSettings()
    settings.windowSamples = source.windowSamples
    settings.overlap = source.overlap
    settings.sampleRateHz = source.payloadFormat.sampleRateHz
    settings.expectedIntervalSeconds = source.expectedIntervalSeconds
    settings.baselineWindows = source.baselineWindows
    let severityClass = classes[point.machine]
    settings.severity = severityClass?.limits
    settings.displacementLimits = severityClass?.displacementLimits
    if let severityClass {
      settings.severityBandHz = severityClass.bandHz ?? SeverityBand.band(speedRPM: machine?.speedRPM)
    }
    settings.speedRPM = machine?.speedRPM
    settings.parts = MachineParts(teeth: machine?.teeth, blades: machine?.blades, lineHz: machine?.lineHz, poles: machine?.poles)
    let declared = machine?.points.first { $0.name == point.point }
    settings.bearing = declared?.bearing?.multiples
    settings.isAxial = declared?.direction == .axial
    settings.measuringRange = declared?.range
    settings.checks = declared?.checks ?? CheckThresholds()
    settings.debounce.offDelaySeconds = alarms.offDelaySeconds
    settings.severityBlockSeconds = declared?.severityBlockSeconds
    settings.operatingState = Self.operatingState(machine, declared)
    settings.budget = budget(ofMachine: point.machine, heardPoints: 1)
    return settings
  }

  /// Of each of a machine's points: they share evenly, as many as are declared or have been heard, whichever is more.
  func budget(ofMachine machine: String, heardPoints: Int) -> FalseAlarmBudget {
    FalseAlarmBudget(ofMachine: alarms.falseAlarmsPerMonth, points: max(machines[machine]?.points.count ?? 0, heardPoints))
  }

  private static func operatingState(_ machine: ThrumConfig.Machine?, _ point: ThrumConfig.Point?) -> OperatingStateSettings {
    var settings = OperatingStateSettings()
    settings.stoppedBelowRPM = machine?.stoppedBelowRPM ?? machine?.speedRPM.map { $0 / 10 } ?? settings.stoppedBelowRPM
    settings.stoppedBelowAmperes = machine?.stoppedBelowAmperes
    settings.settleSeconds = machine?.settleSeconds ?? settings.settleSeconds
    settings.stoppedBelowRMS = point?.stoppedBelowRMS
    return settings
  }

  /// Of a scalar; one that follows what the machine is asked to do is not learned.
  func scalarSettings(of point: PointID, _ quantity: ScalarQuantity, from source: ThrumConfig.Source) -> ScalarSettings {
    var settings = ScalarSettings()
    settings.expectedIntervalSeconds = source.expectedIntervalSeconds
    settings.baselineWindows = quantity.followsDuty ? 0 : source.baselineWindows
    let declared = machines[point.machine]?.points.first { $0.name == point.point }
    settings.limits = declared?.limits ?? ScalarLimits()
    settings.measuringRange = declared?.range
    settings.debounce.offDelaySeconds = alarms.offDelaySeconds
    return settings
  }
}
