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
      let words = "\(patient.configFile): \(config.sources.count) sources, \(config.machines.count) machines declared"
      return [.ok("configuration", words)]
    }
  }
}
