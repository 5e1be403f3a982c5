import Configuration

enum ConfigurationCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    switch patient.config {
    case .failure(let error):
      return error.problems.map {
        .error("configuration.valid", "\($0)", remedy: "mend the file; `thrum config check` shows all problems")
      }
    case .success(let config):
      return [.ok("configuration.valid", "\(patient.configFile): no problem"), sources(config, patient), machines(config)]
    }
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
