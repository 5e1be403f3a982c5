import Contracts
import FoundationEssentials
import Glibc
import ModelPackages
import Signal

/// Healthy windows' features, as gateways sent them in the lane of samples, as one table to learn from. The same events give the same
/// bytes; the table's digest is the data set's version.
package struct DatasetExport: Sendable, Encodable {
  package var format = 1
  /// Of `features.csv`.
  package var sha256 = ""
  package var rows = 0
  package var points: [String] = []
  package var features: [String] = []
  /// Rows left out, and why.
  package var leftOut: [String: Int] = [:]

  private struct Event: Decodable { var data: FeatureSample }

  private struct Row {
    var point: String
    var order: (Int64, Int)
    var line: String
  }

  /// - Parameters:
  ///   - folder: new or empty; gets `features.csv` and `dataset.json`.
  ///   - fleet: only this one's gateways.
  ///   - chosen: only these points; empty: all.
  package init(_ reader: PlaneReader, fleet: String?, points chosen: Selector = Selector(), to folder: String) throws {
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
      throw PlaneError("make", folder, reason: String(cString: strerror(errno)))
    }
    guard PlaneRepository.names(in: folder).isEmpty else {
      throw PlaneError("export to", folder, reason: "the folder is not empty")
    }
    var table = try rows(reader) { event in
      event.type == FeatureSample.type && (fleet == nil || event.fleet == fleet)
        && (chosen.isEmpty || chosen.chooses(event.subject))
    }
    guard !table.isEmpty else {
      throw PlaneError(
        "export", folder, reason: "no gateway has sent samples of what was asked for",
        remedy: "gateways send them once a point has learned")
    }
    table.sort { ($0.point, $0.order.0, $0.order.1) < ($1.point, $1.order.0, $1.order.1) }
    points = table.map(\.point).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    let head = ["fleet", "gateway", "machine", "point", "time", "index", "speed_rpm"] + features
    let text = ([head.joined(separator: ",")] + table.map(\.line)).joined(separator: "\n") + "\n"
    rows = table.count
    sha256 = MetadataForm.sha256(Array(text.utf8))
    try DurableFile.write(Array(text.utf8), to: "\(folder)/features.csv", mode: 0o644)
    try DurableFile.write(JSON.encode(self) + [0x0A], to: "\(folder)/dataset.json", mode: 0o644)
  }

  private mutating func rows(_ reader: PlaneReader, where isWanted: (PlaneReader.Event) -> Bool) throws -> [Row] {
    var rows: [Row] = []
    var last = 0
    while true {
      let events = try reader.events(.init(lane: .sample), beyond: last, limit: 1000)
      guard let end = events.last?.row else { return rows }
      last = end
      for event in events where isWanted(event) { rows += take(event) }
    }
  }

  private mutating func take(_ event: PlaneReader.Event) -> [Row] {
    guard let sample = (try? JSON.decode(Event.self, from: event.bytes))?.data, let values = Self.floats(sample.values),
      sample.windows > 0, sample.speedRpm.count == sample.windows, values.count == sample.windows * sample.features.count
    else {
      leftOut["unreadable", default: 0] += 1
      return []
    }
    if features.isEmpty { features = sample.features }
    guard sample.features == features else {
      leftOut["other features", default: 0] += sample.windows
      return []
    }
    return (0..<sample.windows).compactMap { window in
      let row = values[window * features.count..<(window + 1) * features.count]
      guard row.allSatisfy(\.isFinite) else {
        leftOut["not finite", default: 0] += 1
        return nil
      }
      return Self.row(event, sample.firstIndex + window, sample.speedRpm[window], row)
    }
  }

  private static func row(_ event: PlaneReader.Event, _ index: Int, _ speed: Double?, _ values: ArraySlice<Float>) -> Row {
    let names = event.subject.split(separator: "/", maxSplits: 1).map { quoted(String($0)) }
    let subject = names.count == 2 ? names : [quoted(event.subject), ""]
    let head = [event.fleet, event.gateway] + subject + [event.time?.rfc3339 ?? "", "\(index)", speed.map { "\($0)" } ?? ""]
    return Row(
      point: "\(event.fleet)/\(event.gateway)/\(event.subject)", order: (event.time?.nanoseconds ?? 0, index),
      line: (head + values.map { "\($0)" }).joined(separator: ","))
  }

  /// RFC 4180.
  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  /// Of base64 of little-endian float32.
  private static func floats(_ text: String) -> [Float]? {
    guard let data = Data(base64Encoded: text), data.count.isMultiple(of: 4) else { return nil }
    let bytes = Array(data)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
    }
  }
}
