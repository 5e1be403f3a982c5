import Configuration
import Contracts
import Glibc
import LocalClient
import Signal
import Terminal

enum ConfigurationCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    valid(patient) + running(patient)
  }

  private static func valid(_ patient: Patient) -> [Finding] {
    switch patient.config {
    case .failure(let error):
      return error.problems.map {
        .error("configuration.valid", "\($0)", remedy: "mend the file; `thrum config check` shows all problems")
      }
    case .success(let config):
      return [.ok("configuration.valid", "\(patient.configFile): no problem"), sources(config, patient), machines(config)]
    }
  }

  /// Whether thrumd works with what the files say, and how the last reload ended. Where it cannot be asked another check says why.
  private static func running(_ patient: Patient) -> [Finding] {
    guard patient.isRunning, let running = try? LocalClient(socket: patient.socket).ask(RunningConfiguration()) else { return [] }
    let byHand = patient.unit == nil ? patient.daemonPID.map { " (or kill -HUP \($0))" } ?? "" : ""
    let reload = "systemctl reload \(patient.unit?.name ?? "thrumd")\(byHand)"
    return [refused(running, reload), taken(running, patient, reload)].compactMap { $0 }
  }

  private static func refused(_ running: RunningConfiguration.Reply, _ reload: String) -> Finding? {
    guard let refused = running.refused else { return nil }
    return .error(
      "configuration.reload",
      "the reload at \(refused.at.local) was refused, thrumd goes on with what it read before: "
        + refused.problems.joined(separator: "; "),
      remedy: "mend the file (`thrumd --check-config` tries all of it), then \(reload)")
  }

  private static func taken(_ running: RunningConfiguration.Reply, _ patient: Patient, _ reload: String) -> Finding {
    guard running.fingerprint != (try? ConfigFile.fingerprint(patient.configFile)) else {
      return .ok("configuration.running", "thrumd works with it since \(running.readAt.local)")
    }
    let since = changed(patient.configFile).map { " (changed \($0.local))" } ?? ""
    return .warning(
      "configuration.running",
      "\(patient.configFile)\(since) differs from what thrumd runs, which it read from \(running.file) at \(running.readAt.local)",
      remedy: "\(reload); what is refused changes nothing")
  }

  /// When one of the files was changed last.
  private static func changed(_ path: String) -> UnixTime? {
    ((try? ConfigFile.files(path)) ?? [path]).compactMap { file in
      var status = stat()
      return stat(file, &status) == 0 ? UnixTime(seconds: Double(status.st_mtim.tv_sec)) : nil
    }.max()
  }

  private static func sources(_ config: ThrumConfig, _ patient: Patient) -> Finding {
    guard config.sources.isEmpty else { return .ok("configuration.sources", counted(config.sources.count, "source")) }
    let remedy = "add a [[source]] with topic, payload, unit and sample_rate_hz"
    return .warning("configuration.sources", "\(patient.configFile): no [[source]], so no frame is read", remedy: remedy)
  }

  private static func machines(_ config: ThrumConfig) -> Finding {
    let bare = config.machines.filter { $0.severity == nil }.count
    let words = "\(counted(config.machines.count, "machine")) declared" + (bare > 0 ? ", \(bare) without a severity class" : "")
    return .ok("configuration.machines", words)
  }
}

/// `1 source`, `2 sources`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
