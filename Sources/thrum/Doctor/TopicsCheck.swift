import Configuration
import Contracts

/// What is published against what is read.
enum TopicsCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let config = try? patient.config.get(), let points = try? patient.report.get().points else { return [] }
    let silent = config.sources.filter { !$0.wasHeard(points) }
    return (silent.isEmpty ? [.ok("topics.sources", "every source has been heard")] : silent.map { unheard($0, config, patient) })
      + [declared(config, points)]
  }

  private static func unheard(_ source: ThrumConfig.Source, _ config: ThrumConfig, _ patient: Patient) -> Finding {
    let words = "[[source]] topic = \"\(source.topic)\" has never been heard"
    guard let visit = patient.broker, visit.hasListened else {
      return .warning("topics.sources", words, remedy: "compare it with what the sensors publish: mosquitto_sub -v -t '#'")
    }
    if visit.topics.contains(where: source.reads) {
      return .ok("topics.sources", "\(source.topic): is published now, and not counted yet")
    }
    let others = visit.topics.filter { topic in !config.sources.contains { $0.reads(topic) } }.sorted()
    guard let first = others.first else {
      let remedy = "is the sensor on, and does it know this broker? mosquitto_sub -v -t '#' shows what comes"
      return .warning("topics.sources", words + ", and nothing else was published while the doctor listened", remedy: remedy)
    }
    let listing = others.prefix(3).joined(separator: ", ")
    return .warning(
      "topics.sources", "\(words); published are \(listing)" + (others.count > 3 ? " and \(others.count - 3) more" : ""),
      remedy: "if \(first) is it, write the topic so that it matches")
  }

  /// Machines and points that somebody wrote down and nobody has heard of.
  private static func declared(_ config: ThrumConfig, _ points: [StatusReport.Point]) -> Finding {
    let known = Set(points.map { "\($0.machine)/\($0.point)" })
    let wanted = config.machines.flatMap { machine in machine.points.map { "\(machine.name)/\($0.name)" } }
    let missing = wanted.filter { !known.contains($0) }
    guard let first = missing.first else { return .ok("topics.points", "every declared point has been heard") }
    return .warning(
      "topics.points", "\(counted(missing.count, "declared point")) never heard of, as \(first)",
      remedy: "compare the names in [[machine]] with the topic's levels (thrum points)")
  }
}
