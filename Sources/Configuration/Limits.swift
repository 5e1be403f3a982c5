import Anomaly

extension ScalarLimits {
  /// `limits` of a point that is a scalar.
  init(_ table: TableReader) {
    let any = -1e12...1e12
    self.init(
      alarmBelow: table.optionalNumber("alarm_below", any), warningBelow: table.optionalNumber("warning_below", any),
      warningAbove: table.optionalNumber("warning_above", any), alarmAbove: table.optionalNumber("alarm_above", any),
      ratePerMinute: table.optionalNumber("rate_per_min", 1e-9...1e12))
    let rising = [
      ("alarm_below", alarmBelow), ("warning_below", warningBelow), ("warning_above", warningAbove), ("alarm_above", alarmAbove),
    ]
    var before: (key: String, limit: Double)?
    for case (let key, let limit?) in rising {
      if let before, limit <= before.limit {
        table.report(key, "expected more than \(before.key), \(before.limit), got \(limit)")
      }
      before = (key, limit)
    }
    if isEmpty { table.report("warning_above", "expected at least one limit") }
    table.finish()
  }
}
