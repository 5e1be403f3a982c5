import Anomaly
import ArgumentParser
import Configuration
import Contracts
import Signal
import Store
import Terminal

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Answer a monitoring system: one line, exit code 0 ok, 1 warning, 2 critical, 3 unknown.",
    discussion: """
      Critical: an alarm of priority alarm stands, or thrumd does not run or waits for its store. Warning: an alarm of priority warning stands, or thrumd is \
      degraded. Shelved alarms and points out of service are not counted; they stand in the figures. Unknown: there is no store to \
      read, or no such machine.

      EXAMPLES
        thrum check
        thrum check --machine pump-7
      """)

  @OptionGroup var gateway: Gateway
  @Option(help: "Only this machine's alarms.")
  var machine: String?

  private enum Level: Int32, Comparable {
    case ok, warning, critical, unknown
    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  func run() throws {
    let (level, words) = finding()
    print("THRUM \("\(level)".uppercased()) - \(words.printable)")
    if level != .ok { throw ExitStatus(level.rawValue) }
  }

  private func finding() -> (Level, String) {
    do {
      let report = try gateway.status()
      let all = try gateway.reader().alarms(newest: .max)
      if let machine, case let known = machines(report, all), !known.contains(machine) {
        return (.unknown, unknown(machine, known))
      }
      let alarms = all.filter { $0.isOn && (machine == nil || $0.machine == machine) }
      let standing: Level = alarms.contains { $0.priority == .alarm } ? .critical : alarms.isEmpty ? .ok : .warning
      let level = max(standing, isWaiting ? .critical : Self.level(of: report.state))
      let figures = "alarms=\(alarms.count) points=\(report.points.count) unsent=\(report.store.unsentEvents)"
      return (level, "\(sentence(report, alarms)) | \(figures)")
    } catch { return (isWaiting ? .critical : .unknown, "\(error)") }
  }

  /// That have sent something, ever had an alarm, or are declared.
  private func machines(_ report: StatusReport, _ alarms: [Alarm]) -> Set<String> {
    let declared = (try? ConfigFile.read(Paths.current.config))?.machines.map(\.name) ?? []
    return Set(report.points.map(\.machine) + alarms.map(\.machine) + declared)
  }

  /// A name that was mistyped must not be watched over by an OK.
  private func unknown(_ machine: String, _ known: Set<String>) -> String {
    "there is no machine \(machine); " + (known.isEmpty ? "no machine is known yet" : "known are \(known.listed)")
  }

  /// It lives and watches nothing.
  private var isWaiting: Bool { StoreReader.waiting(folder: gateway.folder) != nil }

  private static func level(of state: StatusReport.State) -> Level {
    switch state {
    case .healthy, .starting: .ok
    case .degraded: .warning
    case .stopped: .critical
    }
  }

  /// The worst first.
  private func sentence(_ report: StatusReport, _ alarms: [Alarm]) -> String {
    let since = report.stoppedSince.flatMap { UnixTime(rfc3339: $0) }.map { " since \($0.local)" } ?? ""
    let state = ([report.state.rawValue + since] + report.reasons.prefix(1)).joined(separator: ": ")
    let standing = [("alarm", Alarm.Priority.alarm), ("warning", .warning)].compactMap { word, priority -> String? in
      let ids = alarms.filter { $0.priority == priority }.map(\.id)
      let more = ids.count > 5 ? " and \(ids.count - 5) more" : ""
      return ids.isEmpty ? nil : "\(word): \(ids.prefix(5).joined(separator: ", "))\(more)"
    }
    if standing.isEmpty { return "\(state), no alarm stands" }
    return (report.state == .healthy ? standing + [state] : [state] + standing).joined(separator: "; ")
  }
}
