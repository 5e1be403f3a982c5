import Configuration

enum ConfigurationCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    switch patient.config {
    case .failure(let error):
      return error.problems.map {
        .error("configuration", "\($0)", remedy: "mend the file; `thrum config check` shows all problems")
      }
    case .success(let config) where config.sources.isEmpty:
      let remedy = "add a [[source]] with topic, payload, unit and sample_rate_hz"
      return [.warning("configuration", "\(patient.configFile): no [[source]], so no frame is read", remedy: remedy)]
    case .success(let config):
      let words =
        "\(patient.configFile): \(counted(config.sources.count, "source")), \(counted(config.machines.count, "machine")) declared"
      return [.ok("configuration", words)]
    }
  }
}

/// `1 source`, `2 sources`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
