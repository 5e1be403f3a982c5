import Anomaly
import ArgumentParser
import Configuration
import Contracts
import Plots
import Signal
import Store
import Terminal

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one point: what it says, what people said of it, how it went, and how it sounds.",
    discussion: """
      --trend draws the newest rows of its history: velocity RMS, or RMS where there is no velocity. With --json the rows are printed.

      --waveform, --spectrum and --envelope draw the newest samples that thrumd has; where it does not run, the newest waveform that is \
      kept (with alarms and warnings, and by `thrum evidence POINT`). The spectrum names the shaft's lines, the envelope's the \
      bearing's, where speed and bearing are known. --json prints what `thrum spectrum --json` prints, and whence and of when the \
      samples are.

      EXAMPLES
        thrum show pump-7/drive-end
        thrum show pump-7/drive-end --trend
        thrum show pump-7/drive-end --waveform --seconds 0.2
        thrum show pump-7/drive-end --spectrum --max-hz 500
        thrum show pump-7/drive-end --envelope --html drive-end.html
        thrum show pump-7/drive-end --trend --last 1440 --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output
  @Argument(help: "machine/point, as `thrum points` lists them.", completion: Completions.points)
  var point: String
  @Flag(exclusivity: .exclusive)
  var picture: Picture?
  @Option(help: "Of --trend: how many rows of history, one a minute at most.")
  var last = 1440
  @OptionGroup var options: PictureOptions

  func validate() throws {
    guard (1...200_000).contains(last) else { throw ValidationError("--last \(last): expected 1 to 200000") }
    try options.check(picture)
  }

  private struct Report: Encodable {
    let point: StatusReport.Point
    let trend: [TrendLine]?
    let maintenance: [MaintenanceRow]
    let label: LabelRow?
  }

  func run() throws {
    gateway.tellStopped(unless: output.json || options.export.csv)
    let reader = try gateway.reader()
    guard let found = try gateway.status().points.first(where: { "\($0.machine)/\($0.point)" == point }) else {
      throw NotFound(description: "show \(point): no such point; `thrum points` lists them")
    }
    let id = PointID(machine: found.machine, point: found.point)
    if picture == .waveform { return try showWaveform(of: id, found) }
    if let picture, picture != .trend { return try showSpectrum(of: id, found, picture) }
    let rows = try reader.trend(of: id, newest: trend ? last : 0)
    let repairs = try reader.maintenance(newest: 1000).filter { $0.machine == found.machine && $0.point == found.point }
    let label = try reader.labels()[point]
    if output.json {
      return printJSON(
        Report(point: found, trend: trend ? rows.map(TrendLine.init) : nil, maintenance: repairs, label: label))
    }
    print(PointTable.rendered([found]))
    for line in said(found, repairs, label) { print(line.wrapped()) }
    if trend { print("\n" + plot(rows, limits(of: found.machine))) }
  }

  private var trend: Bool { picture == .trend }

  private func showWaveform(of id: PointID, _ point: StatusReport.Point) throws {
    let view = WaveformView(try samples(of: id, point), seconds: options.seconds)
    if try options.export.write(view.columns, json: output.json) { return }
    if output.json { return printJSON(view.report) }
    print(view.text)
  }

  private func showSpectrum(of id: PointID, _ point: StatusReport.Point, _ picture: Picture) throws {
    let kind = picture == .envelope ? .envelope : options.kind ?? .velocity
    let spectrum = try PointSpectrum(try samples(of: id, point), kind)
    let view = spectrum.view(maxHz: options.maxHz)
    if let html = options.html { try OutputFile.write(Array(view.page.html().utf8), to: html) }
    if try options.export.write(view.columns, json: output.json) { return }
    if output.json { return printJSON(spectrum) }
    print(options.html.map { "wrote \($0.printable)" } ?? spectrum.text(maxHz: options.maxHz))
  }

  private func samples(of id: PointID, _ point: StatusReport.Point) throws -> PointSamples {
    if point.latest != nil {
      throw NotFound(description: "show \(id): it measures one value at a time and has no waveform; thrum show \(id) --trend")
    }
    return try PointSamples.newest(of: id, gateway, keyFile: options.keyFile)
  }

  private func said(_ point: StatusReport.Point, _ repairs: [MaintenanceRow], _ label: LabelRow?) -> [String] {
    let aside = point.suppression.map { suppression in
      "\(suppression.reason) by \(suppression.by) since \(local(suppression.since)), "
        + (suppression.until.map { "until \(local($0))" } ?? "until it is put back") + "; it would say \(suppression.verdict)"
    }
    let latest = point.latest.map { "latest value \(number($0.value, 3)) in the source's unit, at \(local($0.at))" }
    let stop = point.baseline.stoppedBy.map { "learning stopped by \($0)" }
    let labelled = label.map { "labelled \($0.label.rawValue) by \($0.by)" }
    let worked = repairs.prefix(5).map { "\($0.at.local): \($0.note) (\($0.by))" }
    return ([latest, aside, stop, labelled].compactMap { $0 } + worked).map(\.printable)
  }

  private func local(_ time: String) -> String { UnixTime(rfc3339: time)?.local ?? time }

  /// Where the zones of its class meet; none where the configuration cannot be read or names no class.
  private func limits(of machine: String) -> [(name: String, value: Double)] {
    guard let config = try? ConfigFile.read(Paths.current.config),
      let found = config.machines.first(where: { $0.name == machine }),
      let limits = config.severityClass(of: found)?.limits
    else { return [] }
    return [("A/B", limits.ab), ("B/C", limits.bc), ("C/D", limits.cd)]
  }

  private func plot(_ rows: [TrendRow], _ limits: [(name: String, value: Double)]) -> String {
    guard let first = rows.first, let newest = rows.last else { return "There is no history yet." }
    let hasVelocity = rows.contains { $0.velocityRMS != nil }
    let samples = rows.map {
      TrendPlot.Sample(seconds: $0.time.seconds(since: first.time), value: hasVelocity ? $0.velocityRMS : $0.rms)
    }
    let isSlow = rows.allSatisfy { $0.kurtosis == 0 }
    let title = hasVelocity ? "Velocity RMS" : "\(isSlow ? "Value" : "RMS of the window"), in the source's unit"
    return title + "\n"
      + TrendPlot(
        samples: samples, unit: hasVelocity ? "mm/s" : "", ends: (first.time.local, newest.time.local),
        limits: hasVelocity ? limits : []
      )
      .rendered(columns: 78, rows: 10)
  }
}

/// One row of a point's history as JSON.
private struct TrendLine: Encodable {
  let time: UnixTime
  @OrNull var velocityRmsMmS: Double?
  let rms: Double
  let kurtosis: Double
  @OrNull var probability: Double?
  let verdict: String
  @OrNull var reason: String?

  init(_ row: TrendRow) {
    time = row.time
    velocityRmsMmS = row.velocityRMS
    rms = row.rms
    kurtosis = row.kurtosis
    probability = row.probability
    verdict = row.verdict.name
    reason = row.verdict.reason
  }
}
