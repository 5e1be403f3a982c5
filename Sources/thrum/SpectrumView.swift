import Plots
import Signal
import Terminal

/// A spectrum report as people look at it: in a terminal, in a browser, as a table.
struct SpectrumView {
  let report: SpectrumReport
  let file: String
  let shaftHz: Double?
  /// `nil` for all of it, or as far as three harmonics of an envelope's lines reach.
  let maxHz: Double?

  var text: String {
    let parts = [title.wrapped(), plot.rendered(columns: 78, rows: 12), lines, peaks]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  var page: SpectrumPage {
    SpectrumPage(
      title: "\(name) of \(file.printable)", facts: facts, amplitudes: amplitudes, resolution: report.resolutionHz * axisScale,
      unit: report.unit, axisUnit: axisUnit, marks: marks)
  }

  var columns: [TableExport.Column] {
    [
      .init(name: "frequency_hz", values: report.frequencyHz),
      .init(name: "amplitude", values: report.amplitude.map { Double($0) }),
    ]
  }

  private var isOrder: Bool { report.orders != nil }
  private var axisUnit: String { isOrder ? "x" : "Hz" }
  private var axisScale: Double { isOrder ? 1 / (shaftHz ?? 1) : 1 }

  private var name: String {
    switch report.kind {
    case .power: "Spectrum"
    case .velocity, .displacement: "\(report.quantity.prefix(1).uppercased())\(report.quantity.dropFirst()) spectrum"
    case .envelope: report.quantity == "envelope" ? "Envelope spectrum" : "Squared envelope spectrum"
    case .order: "Order spectrum"
    }
  }

  private var facts: [SpectrumPage.Fact] {
    [
      .init("quantity", report.quantity.replacing("_", with: " ")), .init("unit", report.unit),
      .init("detection", report.detection.rawValue), .init("window", report.window.rawValue),
      .init("resolution", "\(number(report.resolutionHz, 3)) Hz"), .init("averages", "\(report.averages)"),
      .init("band", report.bandHz.map { number($0, 0) }.joined(separator: "-") + " Hz"),
    ] + chosenFact + speedFact
  }

  private var chosenFact: [SpectrumPage.Fact] {
    report.bandKurtosis.map { [.init("kurtosis", number($0, 2))] } ?? []
  }

  /// Where it is more than what was declared.
  private var speedFact: [SpectrumPage.Fact] {
    guard let speed = report.speed, speed.source != .given else { return [] }
    let rpm = speed.rpm.map { " \(number($0, 1)) r/min" } ?? ", not believed"
    let range = speed.rangeRpm.map { " (\($0.map { number($0, 0) }.joined(separator: " to ")))" } ?? ""
    let confidence = speed.confidence.map { ", confidence \(number($0, 2))" } ?? ""
    return [.init("speed", "\(speed.source.rawValue)\(rpm)\(range)\(confidence)")]
  }

  private var title: String {
    "\(name): \(report.quantity.replacing("_", with: " ")) in \(report.unit) \(report.detection.rawValue); "
      + facts.dropFirst(3).map { "\($0.name) \($0.value)" }.joined(separator: ", ")
  }

  /// As far as is shown.
  private var amplitudes: [Float] {
    let reach = report.lines.map(\.frequencyHz).max().map { 3.5 * $0 }
    let lastHz = maxHz ?? (report.kind == .envelope ? reach : nil) ?? .infinity
    return Array(report.amplitude.prefix(max(2, Int(min(lastHz / report.resolutionHz, 1e15)) + 1)))
  }

  private var marks: [SpectrumPlot.Mark] {
    report.lines.map { .init(name: $0.name, frequencyHz: $0.frequencyHz * axisScale) }
  }

  private var plot: SpectrumPlot {
    var plot = SpectrumPlot(
      amplitudes: amplitudes, firstHz: 0, resolutionHz: report.resolutionHz * axisScale, unit: report.unit, marks: marks)
    plot.axisUnit = axisUnit
    return plot
  }

  private var lines: String {
    guard !report.lines.isEmpty else { return "" }
    var table = Table(["line", "Hz", "amplitude", "over floor"], numbers: [1, 2, 3])
    for line in report.lines {
      table.add(line.name, number(line.frequencyHz, 2), SpectrumPlot.figure(line.amplitude), "\(number(line.ratioToFloor, 1)) x")
    }
    return table.rendered()
  }

  private var peaks: String {
    let highest = report.highestLines(5, upToHz: maxHz ?? .infinity)
    guard !highest.isEmpty else { return "" }
    var table = Table(["highest", "Hz", "amplitude"] + (shaftHz == nil ? [] : ["order"]), numbers: [0, 1, 2, 3])
    for (rank, line) in highest.enumerated() {
      let order = shaftHz.map { [Table.Cell("\(number(line.frequencyHz / $0, 2)) x")] } ?? []
      table.add([.init("\(rank + 1)"), .init(number(line.frequencyHz, 2)), .init(SpectrumPlot.figure(line.amplitude))] + order)
    }
    return table.rendered()
  }
}
