import Anomaly
import ArgumentParser
import Contracts
import Recordings
import Signal
import Terminal

struct Features: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features", abstract: "Measure the features of a recording, window by window.",
    discussion: """
      With --json or --csv a line a window; without, each feature's mean, least and greatest value. Velocity needs windows of at \
      least 1 s. A NumPy file holds start_s and then the features in their order, what is unknown as nan. A window that no sound \
      sensor can have measured is measured all the same, and what is wrong with it is told.

      EXAMPLES
        thrum features bearing.f32 --rate 12000 --unit g
        thrum features bearing.i16 --format i16 --scale 2.2e-5 --rate 12000 --unit g --window 12000 --json
        thrum features bearing.wav --unit g --npy features.npy
        thrum features bearing.f32 --rate 12000 --unit g --model pump.model --json
      """)

  @OptionGroup var sampling: Sampling
  @Option(help: "A model's file: its features alone, in its order, of its windows.", completion: .file())
  var model: String?
  @OptionGroup var output: Output
  @OptionGroup var export: TableExport

  func run() throws {
    let windows = try sampling.windows(for: model.map { try AnyModel(reading: $0).delivered })
    let faults = FaultTally(windows)
    if try export.write(Self.columns(windows), json: output.json) {
      if let words = faults.words { complain(words) }
      return
    }
    if output.json { return windows.enumerated().forEach { print(FeatureLine.json($0, $1)) } }
    print(Self.summary(windows.map(\.features)) + (faults.words.map { "\n\n\($0)" } ?? ""))
  }

  private static func columns(_ windows: [Sampling.Window]) -> [TableExport.Column] {
    let features = windows.first?.features.indices.map { column in
      TableExport.Column(
        name: windows[0].features[column].name, values: windows.map { $0.features[column].value ?? .nan })
    }
    return [.init(name: "start_s", values: windows.map(\.startSeconds))] + (features ?? [])
  }

  private static func summary(_ windows: [[(name: String, value: Double?)]]) -> String {
    var table = Table(["feature", "mean", "least", "greatest"], numbers: [1, 2, 3])
    for (column, feature) in (windows.first ?? []).enumerated() {
      let values = windows.compactMap { $0[column].value }
      let mean = values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
      table.add(feature.name, number(mean, 4), number(values.min(), 4), number(values.max(), 4))
    }
    return table.rendered() + "\n\n\(windows.count) windows"
  }
}

/// What `thrum features --json` prints of a window. Written by hand, for the order of THE LIST is part of it and an encoder sorts.
enum FeatureLine {
  /// - Returns: `null` where a feature is unknown, or no fault was found.
  static func json(_ index: Int, _ window: Sampling.Window) -> String {
    let features = window.features.map { "\(JSON.text($0.name)):\(number($0.value))" }.joined(separator: ",")
    let fault = window.fault.map { JSON.text($0.rawValue) } ?? "null"
    return "{\"window\":\(index),\"start_s\":\(number(window.startSeconds)),\"features\":{\(features)},\"sensor_fault\":\(fault)}"
  }

  private static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "null" }
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// The windows that fail a check, by what is wrong with them.
struct FaultTally {
  /// `nil` where all are sound.
  let words: String?

  init(_ windows: [Sampling.Window]) {
    let failed = windows.filter { $0.fault != nil }
    guard let first = failed.first else {
      words = nil
      return
    }
    let kinds = SampleFault.allCases.compactMap { fault in
      let count = failed.count { $0.fault == fault }
      return count > 0 ? "\(fault.rawValue) \(count)" : nil
    }
    words =
      "\(failed.count) of \(windows.count) windows no sound sensor can have measured: \(kinds.joined(separator: ", ")); "
      + "the first begins at \(plain(first.startSeconds)) s. thrumd would set them aside (docs/SIGNAL.md, Checks)"
  }
}
