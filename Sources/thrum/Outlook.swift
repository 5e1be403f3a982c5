import Anomaly
import Configuration
import Signal
import Store
import Terminal

/// What to expect of an alarm's machine, and what to do about it: from the points' history and the site's configuration.
struct Outlook {
  let advice: String?
  /// Of the member that reaches its next zone first.
  let prognosis: (point: String, prognosis: Prognosis)?
  /// There is no worse zone to wait for.
  private let isInLastZone: Bool

  /// Rows of history that a prognosis looks at: a week, at one a minute.
  private static let historyRows = 10_080

  init(_ alarm: Alarm, _ reader: StoreReader) throws {
    let config = try? ConfigFile.read(Paths.current.config)
    advice = Advice.text(for: alarm.explanation.fault, zone: alarm.explanation.zone, own: config?.advice ?? [])
    let machine = config?.machines.first { $0.name == alarm.machine }
    guard alarm.explanation.zone != .d, let limits = machine.flatMap({ config?.severityClass(of: $0)?.limits }) else {
      (prognosis, isInLastZone) = (nil, alarm.explanation.zone == .d)
      return
    }
    let histories = try alarm.members.map { (point: $0.point, rows: try reader.trend(of: $0, newest: Self.historyRows)) }
    isInLastZone = histories.contains { Prognosis.isInLastZone($0.rows, limits: limits) }
    let found = histories.compactMap { history in
      Prognosis(history.rows, limits: limits).map { (point: history.point, prognosis: $0) }
    }
    prognosis = isInLastZone ? nil : found.min { $0.prognosis.seconds.lowerBound < $1.prognosis.seconds.lowerBound }
  }

  /// For people.
  var words: String {
    var lines: [String] = []
    if let (point, prognosis) = prognosis.map({ ($0.point, $0.prognosis) }) {
      let (from, to) = (Self.span(prognosis.seconds.lowerBound), Self.span(prognosis.seconds.upperBound))
      lines.append(
        "Outlook: at the pace of its history \(point.printable) reaches zone \(prognosis.zone.rawValue) "
          + "(\(number(prognosis.limit, 1)) mm/s) in \(from) to \(to), four times in five.")
    } else if isInLastZone {
      lines.append("Outlook: it stands in zone D already, the last there is.")
    } else {
      lines.append("Outlook: unknown; the velocity's history shows no steady rise towards a zone's limit.")
    }
    if let advice { lines.append("What to do: \(advice.printable)") }
    return lines.map { $0.wrapped() }.joined(separator: "\n")
  }

  private static func span(_ seconds: Double) -> String {
    switch seconds {
    case ..<7200: "\(number(seconds / 60, 0)) min"
    case ..<172_800: "\(number(seconds / 3600, 0)) h"
    default: "\(number(seconds / 86_400, 0)) days"
    }
  }
}
