import Contracts
import Signal
import Terminal

/// A gateway on one screen: whether it works, what its points say.
struct StatusScreen {
  private let report: StatusReport

  init(_ report: StatusReport) { self.report = report }

  var rendered: String {
    let reasons = report.reasons.map { "  \(Style.warning("!")) \($0.printable.wrapped(columns: 76, indent: 4))" }
    let points =
      report.points.isEmpty
      ? "No point has sent anything yet. thrum doctor says what to look at." : PointTable.rendered(report.points)
    let rest = report.points.isEmpty || report.unassigned.received == 0 ? [] : [unassigned(report.unassigned)]
    return ([headline(report)] + ended(report) + reasons + [links(report), "", points] + rest).joined(separator: "\n")
  }

  private func headline(_ report: StatusReport) -> String {
    let state =
      switch report.state {
      case .healthy: Style.good("healthy")
      case .starting: Style.warning("starting")
      case .degraded: Style.warning("degraded")
      case .stopped:
        Style.bad("stopped") + (report.stoppedSince.flatMap { UnixTime(rfc3339: $0) }.map { " since \($0.local)" } ?? "")
      }
    let uptime = report.uptimeS.map { ", up \(span(seconds: Double($0)))" } ?? ""
    return "\(Style.strong(report.gateway)) (\(report.fleet)): \(state)\(uptime), thrum \(report.version)"
  }

  /// How the daemon ended, where it does not run.
  private func ended(_ report: StatusReport) -> [String] {
    report.stoppedInOrder.map { ["  \(Style.warning("!")) \(Gateway.end(inOrder: $0))"] } ?? []
  }

  private func links(_ report: StatusReport) -> String {
    let told = report.reasons.contains { $0.hasSuffix(report.broker.reason ?? "") }
    let broker = link(report.broker.connected, told ? nil : report.broker.reason)
    let plane = link(report.uplink.connected, report.uplink.reason)
    let events = "\(report.store.unsentEvents) \(report.store.unsentEvents == 1 ? "event" : "events") unsent"
    let unsent = !report.uplink.isConfigured ? "" : report.store.unsentEvents == 0 ? ", nothing unsent" : ", \(events)"
    return """
      broker  \(broker)
      plane   \(report.uplink.isConfigured ? plane : StatusReport.Uplink.none)\(unsent)
      store   \(megabytes(report.store.bytes)) of \(megabytes(report.store.maxBytes)), \(written(report.store))
      """
  }

  private func written(_ store: StatusReport.StoreUse) -> String {
    store.writtenBytesPerDay.map { "\(megabytes($0)) written a day" } ?? "\(megabytes(store.writtenBytesToday)) written today"
  }

  private func link(_ isConnected: Bool, _ reason: String?) -> String {
    (isConnected ? "connected" : "not connected") + because(reason)
  }

  private func because(_ reason: String?) -> String { reason.map { " (\($0.printable))" } ?? "" }

  private func unassigned(_ ledger: LedgerReport) -> String {
    let reasons = ledger.quarantinedBy.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    return "\n\(Style.warning("!")) \(ledger.received) messages belong to no point: \(reasons)"
  }
}

private func megabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1_048_576 * 10).rounded() / 10) MiB" }
