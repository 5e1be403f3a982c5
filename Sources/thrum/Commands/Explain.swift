import Anomaly
import ArgumentParser
import Contracts
import Plots
import Store
import Terminal

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "Say why an alarm was raised, what to expect and what to do: words, numbers, and the envelope spectrum with its lines.",
    discussion: """
      EXAMPLES
        thrum explain pump-7#1
        thrum explain pump-7#1 --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output
  @Argument(help: "An alarm's id, as `thrum alarms` lists them.", completion: Completions.alarms)
  var id: String

  func run() throws {
    gateway.tellStopped(unless: output.json)
    let reader = try gateway.reader()
    guard let alarm = try reader.alarm(id) else {
      throw NotFound(description: "explain \(id): no such alarm; `thrum alarms --all` lists them")
    }
    let outlook = try Outlook(alarm, reader)
    if output.json {
      return printJSON(
        ExplainReport(
          AlarmRow(alarm, label: try reader.labels()[id]), advice: outlook.advice, prognosis: outlook.prognosis,
          nearest: try nearest(to: alarm, reader)))
    }
    print(heading(alarm))
    for line in said(of: alarm, try reader.labels()[alarm.id]) { print(line.wrapped()) }
    print("\n\(alarm.explanation.words.printable.wrapped())\n")
    print(facts(alarm.explanation).wrapped())
    print("\n\(outlook.words)")
    if let (nearest, similarity) = try nearest(to: alarm, reader) {
      let was = nearest.isFault ? nearest.fault.map { "a fault, \($0.printable)" } ?? "a fault" : "no fault"
      print("Most like \(nearest.id.printable), which was \(was) (similarity \(number(similarity, 2))).".wrapped())
    }
    if !alarm.explanation.contributions.isEmpty { print("\n\(contributions(alarm.explanation))") }
    if !alarm.explanation.lines.isEmpty { print("\n\(lines(alarm.explanation))") }
    if let spectrum = alarm.explanation.spectrum { print("\n\(plot(spectrum, alarm.explanation.lines))") }
  }

  /// The past alarm most like it that somebody named good or bad, of whichever machine.
  private func nearest(to alarm: Alarm, _ reader: StoreReader) throws -> (nearest: LabelledCase, similarity: Double)? {
    let labels = try reader.labels()
    let cases = try reader.alarms(newest: Self.casesLookedAt).compactMap { past -> LabelledCase? in
      guard past.id != alarm.id, let label = labels[past.id], label.label != .unsure else { return nil }
      return LabelledCase(id: past.id, isFault: label.label == .bad, fault: label.fault, explanation: past.explanation)
    }
    return LabelledCase.nearest(to: alarm.explanation, among: cases)
  }

  private static let casesLookedAt = 1000

  private func heading(_ alarm: Alarm) -> String {
    let priority = alarm.priority == .alarm ? Style.bad("ALARM") : Style.warning("WARNING")
    let cleared = alarm.clearedAt.map { ", cleared \($0.local)" } ?? ""
    return "\(priority) \(Style.strong(alarm.id.printable)): \(alarm.state.rawValue), raised \(alarm.raisedAt.local)\(cleared)"
  }

  /// What people said of it.
  private func said(of alarm: Alarm, _ label: LabelRow?) -> [String] {
    let suppressed = alarm.suppressedBy.map { person in
      "put aside by \(person.printable) " + (alarm.suppressedUntil.map { "until \($0.local)" } ?? "until it is put back")
    }
    let labelled = label.map { label in
      "labelled \(label.label.rawValue)" + (label.fault.map { " (\($0.printable))" } ?? "") + " by \(label.by.printable)"
        + (label.note.map { ": \($0.printable)" } ?? "")
    }
    return [
      alarm.acknowledgedBy.map { "acknowledged by \($0.printable)" }, suppressed, alarm.note.map { "note: \($0.printable)" },
      labelled,
    ].compactMap { $0 }
  }

  private func facts(_ explanation: Explanation) -> String {
    var facts = ["decided by \(explanation.decidedBy.joined(separator: " and ").printable)"]
    if let zone = explanation.zone { facts.append("zone \(zone.rawValue)") }
    if let velocity = explanation.velocityRmsMmS { facts.append("velocity \(number(velocity, 2)) mm/s RMS 10-1000 Hz") }
    if let score = explanation.score { facts.append("score \(number(score, 2)) (1 is the warning limit)") }
    if let probability = explanation.probability {
      facts.append("probability \(number(probability, 2))" + words(explanation.probabilityLabels))
    }
    if explanation.uncalibrated { facts.append("uncalibrated: the baseline was small") }
    if let budget = explanation.budget { facts.append(words(budget)) }
    return facts.joined(separator: "; ")
  }

  private func words(_ labels: Int?) -> String { labels.map { " (calibrated on \($0) labels)" } ?? "" }

  private func words(_ budget: Explanation.Budget) -> String {
    let allowed = "\(number(budget.falseAlarmsPerMonth, 1)) false alarms a month allowed"
    guard budget.budgetSupported else { return allowed + ", not yet supported: a marked margin decides" }
    let parts = budget.pValues.sorted { $0.key < $1.key }.map { "\($0.key.printable) p \(number($0.value, 4))" }
    let often = budget.healthyPerMonth.map { ", a healthy machine is so \(number($0, 1)) times a month" } ?? ""
    return allowed + often + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
  }

  private func contributions(_ explanation: Explanation) -> String {
    var table = Table(["feature", "value", "from baseline", "share"], numbers: [1, 2, 3])
    for part in explanation.contributions {
      table.add(part.feature, number(part.value, 3), "\(number(part.deviations, 1)) sd", "\(number(part.share * 100, 0)) %")
    }
    return table.rendered()
  }

  private func lines(_ explanation: Explanation) -> String {
    var table = Table(["line", "Hz", "over floor", "harmonics"], numbers: [1, 2, 3])
    for line in explanation.lines {
      table.add(line.name, number(line.frequencyHz, 1), "\(number(line.ratioToFloor, 1)) x", "\(line.harmonics)")
    }
    return table.rendered()
  }

  private func plot(_ spectrum: Explanation.EnvelopeSpectrum, _ lines: [Explanation.LineFinding]) -> String {
    let band = spectrum.bandHz.map { number($0, 0) }.joined(separator: "-")
    let title =
      "Envelope spectrum, \(spectrum.unit.printable) peak, band \(band) Hz, resolution \(number(spectrum.resolutionHz, 2)) Hz"
    return title + "\n"
      + SpectrumPlot(
        amplitudes: spectrum.amplitude, firstHz: spectrum.resolutionHz, resolutionHz: spectrum.resolutionHz,
        marks: lines.map { .init(name: $0.name, frequencyHz: $0.frequencyHz) }
      ).rendered(columns: 78, rows: 12)
  }
}

/// What was asked for is not there: exit code 1.
struct NotFound: Error, CustomStringConvertible {
  let description: String
}
