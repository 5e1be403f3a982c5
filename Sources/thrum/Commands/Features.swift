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
      least 1 s. A NumPy file holds start_s and then the features in their order, what is unknown as nan.

      EXAMPLES
        thrum features bearing.f32 --rate 12000 --unit g
        thrum features bearing.i16 --format i16 --scale 2.2e-5 --rate 12000 --unit g --window 12000 --json
        thrum features bearing.wav --unit g --npy features.npy
      """)

  @OptionGroup var sampling: Sampling
  @OptionGroup var output: Output
  @OptionGroup var export: TableExport

  func run() throws {
    let windows = try sampling.windows()
    let rows = windows.enumerated().map { index, window in
      Row(window: index, startS: window.startSeconds, features: OrderedFeatures(window.features))
    }
    if try export.write(Self.columns(windows), json: output.json) { return }
    if output.json { return rows.forEach(printJSON) }
    print(Self.summary(windows.map(\.features)))
  }

  private struct Row: Encodable {
    let window: Int
    let startS: Double
    let features: OrderedFeatures
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

/// Feature names as keys, `null` where a window is too short for one.
struct OrderedFeatures: Encodable {
  private let features: [(name: String, value: Double?)]

  init(_ features: [(name: String, value: Double?)]) { self.features = features }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for feature in features { try container.encode(feature.value, forKey: Name(stringValue: feature.name)) }
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
