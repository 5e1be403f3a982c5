/// When an alarm was on. What is not decided changes nothing, as in `MachineAlarm`: a dead sensor does not heal a machine.
struct AlarmTimes {
  /// From and to in seconds; `nil`: still on.
  private(set) var alarms: [[Double?]] = []
  private(set) var endSeconds = 0.0
  private var isOn = false

  /// - Parameter verdict: debounced, in order of time.
  mutating func take(_ seconds: Double, _ verdict: Verdict) {
    endSeconds = seconds
    let now = verdict.reason == nil ? verdict.priority != nil : isOn
    if now, !isOn { alarms.append([seconds, nil]) }
    if !now, isOn { alarms[alarms.count - 1][1] = seconds }
    isOn = now
  }
}
