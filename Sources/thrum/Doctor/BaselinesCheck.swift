import Configuration
import Contracts

/// What is learned of each point, and whether it carries the false-alarm budget.
enum BaselinesCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let points = try? patient.report.get().points, !points.isEmpty else { return [] }
    let config = try? patient.config.get()
    return [learning(points), never(points, config), stopped(points), budget(points, config)]
  }

  private static func learning(_ points: [StatusReport.Point]) -> Finding {
    let ready = points.count { $0.baseline.state == "ready" }
    let now = points.filter { $0.baseline.state == "learning" }
    let least = now.map(\.baseline.progress).min().map { ", \(now.count) learning (the least at \(Int($0 * 100)) %)" } ?? ""
    return .ok("baselines.progress", "\(ready) of \(counted(points.count, "point")) have one" + least)
  }

  /// Without a baseline rules alone speak.
  private static func never(_ points: [StatusReport.Point], _ config: ThrumConfig?) -> Finding {
    let off = config?.sources.filter { $0.baselineWindows == 0 } ?? []
    guard let first = off.first else { return .ok("baselines.wanted", "every source is learned") }
    return .warning(
      "baselines.wanted", "no baseline is learned of \(first.topic): baseline_windows = 0; only zones and checks speak",
      remedy: "set baseline_windows (500), on a machine that is healthy")
  }

  private static func stopped(_ points: [StatusReport.Point]) -> Finding {
    let held = points.filter { $0.baseline.stoppedBy != nil }
    guard let first = held.first else { return .ok("baselines.stopped", "nobody holds learning back") }
    return .warning(
      "baselines.stopped", "\(first.name): learning is stopped by \(first.baseline.stoppedBy ?? "?")",
      remedy: "thrum learn \(first.name) start")
  }

  /// Machines that no `[[machine]]` declares: what they may raise is divided by the points that were heard.
  private static func shared(_ points: [StatusReport.Point], _ config: ThrumConfig?) -> String {
    let declared = Set(config?.machines.map(\.name) ?? [])
    let heard = Dictionary(grouping: points) { $0.machine }.filter { !declared.contains($0.key) && $0.value.count > 1 }
    guard let most = heard.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }) else { return "" }
    return "; \(most.key), which no [[machine]] declares, shares its false alarms among \(most.value.count) points"
      + (heard.count > 1 ? ", \(heard.count - 1) more like it" : "")
  }

  private static func budget(_ points: [StatusReport.Point], _ config: ThrumConfig?) -> Finding {
    let small = points.filter { $0.uncalibrated && $0.baseline.state == "ready" }
    guard let first = small.first else {
      return .ok("baselines.budget", "no verdict rests on too small a baseline\(shared(points, config))")
    }
    return .warning(
      "baselines.budget", "\(first.name): its baseline is too small for the false-alarm budget (\(small.count) such points)",
      remedy: "more baseline_windows, then thrum learn \(first.name) reset")
  }
}
