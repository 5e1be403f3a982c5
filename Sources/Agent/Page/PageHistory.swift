import Anomaly
import Configuration
import Contracts
import Payloads
import Signal
import Store

/// Trends and alarms of the page.
extension PageViews {
  struct Trend: Encodable {
    let unit: String
    let isScalar: Bool
    let limits: [Limit]
    /// Milliseconds since 1970.
    let time: [Int]
    // Of as many rows.
    let velocityRmsMmS: [Double?]
    let rms: [Double?]
    let kurtosis: [Double?]
    let probability: [Double?]
    let verdict: [String]
    /// Rows that one value stands for.
    let rowsPerValue: Int
  }

  struct Limit: Encodable {
    let name: String
    let value: Double
  }

  /// The newest rows, or those of them between two moments; where they are many, the worst of each stretch stands for it.
  func trend(_ point: PointID, _ query: [String: String]) throws(StoreError) -> Trend {
    let newest = min(max(query["newest"].flatMap { Int($0) } ?? 1440, 1), 200_000)
    let (from, to) = (query["from"].flatMap { Double($0) } ?? -.infinity, query["to"].flatMap { Double($0) } ?? .infinity)
    let all = try reader().trend(of: point, newest: newest).filter { from <= $0.milliseconds && $0.milliseconds <= to }
    let width = max(1, (all.count + Self.mostRows - 1) / Self.mostRows)
    let rows = stride(from: 0, to: all.count, by: width).compactMap { start in
      all[start..<min(start + width, all.count)].max { $0.worth < $1.worth }
    }
    let channel = channel(of: point)
    let isScalar = channel.map { $0.isScalar } ?? false
    return Trend(
      unit: channel?.unit ?? "", isScalar: isScalar, limits: limits(of: point), time: rows.map { Int($0.milliseconds) },
      velocityRmsMmS: rows.map(\.velocityRMS), rms: rows.map(\.rms),
      kurtosis: rows.map { isScalar ? nil : $0.kurtosis }, probability: rows.map(\.probability),
      verdict: rows.map { $0.verdict.reason.map { "(\($0))" } ?? $0.verdict.name }, rowsPerValue: width)
  }

  private static let mostRows = 4000

  private func limits(of point: PointID) -> [Limit] {
    guard let machine = config.machines.first(where: { $0.name == point.machine }),
      let limits = config.severityClass(of: machine)?.limits
    else { return [] }
    return [Limit(name: "A/B", value: limits.ab), Limit(name: "B/C", value: limits.bc), Limit(name: "C/D", value: limits.cd)]
  }

  /// What the point's rows count: as its newest frame says, or else as the one source that can make it does.
  private func channel(of point: PointID) -> (unit: String, isScalar: Bool)? {
    if let reading = worker(of: point).latestReadings()[point] { return (reading.unit.words, true) }
    if let samples = worker(of: point).latestSamples(of: point, atMost: 2) { return (samples.unit.rawValue, false) }
    guard let routes = try? Routes(config.sources), let (source, channel) = routes.only(making: point) else { return nil }
    switch channel.measures {
    case .waveform: return (source.payloadFormat.unit?.rawValue ?? "", false)
    case .scalar(_, let unit): return (unit.words, true)
    case .pulses: return (ScalarUnit.perMinute.words, true)
    }
  }

  // MARK: alarms

  struct Alarms: Encodable { let alarms: [Brief] }

  /// An alarm on one line.
  struct Brief: Encodable {
    let id: String
    let machine: String
    let state: String
    let isOpen: Bool
    let priority: Alarm.Priority
    let raisedAt: UnixTime
    @OrNull var clearedAt: UnixTime?
    @OrNull var acknowledgedBy: String?
    @OrNull var label: String?
    let words: String

    init(_ alarm: Alarm, _ label: LabelRow?) {
      (id, machine, state, isOpen) = (alarm.id, alarm.machine, alarm.state.rawValue, alarm.isOpen)
      (priority, raisedAt, clearedAt, acknowledgedBy) = (alarm.priority, alarm.raisedAt, alarm.clearedAt, alarm.acknowledgedBy)
      (self.label, words) = (label?.label.rawValue, alarm.explanation.words)
    }
  }

  /// Those that stand first, the worst and newest of them first.
  func alarms() throws(StoreError) -> Alarms {
    let labels = try reader().labels()
    let all = try reader().alarms(newest: Self.mostAlarms)
    let open = all.filter(\.isOpen).sorted { ($1.priority, $1.raisedAt) < ($0.priority, $0.raisedAt) }
    return Alarms(alarms: (open + all.filter { !$0.isOpen }).map { Brief($0, labels[$0.id]) })
  }

  private static let mostAlarms = 200

  func alarm(_ query: [String: String]) throws(StoreError) -> Result<[UInt8], CallProblem> {
    guard let id = query["id"], let alarm = try reader().alarm(id) else {
      return .failure(CallProblem(.notFound, "show", "", reason: "there is no such alarm"))
    }
    let row = AlarmRow(alarm, label: try reader().labels()[id])
    let explanation = alarm.explanation
    let advice = Advice.text(for: explanation.fault, zone: explanation.zone, own: config.advice)
    return .success(JSON.encode(ExplainReport(row, advice: advice, prognosis: try prognosis(alarm))))
  }

  /// Of the member that reaches its next zone first.
  private func prognosis(_ alarm: Alarm) throws(StoreError) -> (point: String, prognosis: Prognosis)? {
    let machine = config.machines.first { $0.name == alarm.machine }
    guard alarm.explanation.zone != .d, let limits = machine.flatMap({ config.severityClass(of: $0)?.limits }) else { return nil }
    var found: [(point: String, prognosis: Prognosis)] = []
    for point in alarm.members {
      let week = try reader().trend(of: point, newest: 10_080)
      if let prognosis = Prognosis(week, limits: limits) { found.append((point.point, prognosis)) }
    }
    return found.min { $0.prognosis.seconds.lowerBound < $1.prognosis.seconds.lowerBound }
  }

  struct PointDetail: Encodable {
    let alarms: [Brief]
    let maintenance: [MaintenanceRow]
    @OrNull var label: LabelRow?
  }

  func pointDetail(_ point: PointID) throws(StoreError) -> PointDetail {
    let labels = try reader().labels()
    let alarms = try reader().alarms(newest: Self.mostAlarms).filter { $0.members.contains(point) }.prefix(20)
    let repairs = try reader().maintenance(newest: 1000).filter { $0.machine == point.machine && $0.point == point.point }
    return PointDetail(
      alarms: alarms.map { Brief($0, labels[$0.id]) }, maintenance: Array(repairs.prefix(20)), label: labels[point.description])
  }
}

extension TrendRow {
  fileprivate var milliseconds: Double { Double(time.nanoseconds) / 1e6 }
  /// The worst of a stretch is what people look for.
  fileprivate var worth: Double { velocityRMS ?? rms }
}
