/// When an alarm was on.
struct AlarmTimes {
  private(set) var alarms: [[Double?]] = []
  private(set) var endSeconds = 0.0
  private var isOn = false

  mutating func take(_ seconds: Double, isOn now: Bool) {
    endSeconds = seconds
    if now, !isOn { alarms.append([seconds, nil]) }
    if !now, isOn { alarms[alarms.count - 1][1] = seconds }
    isOn = now
  }
}
