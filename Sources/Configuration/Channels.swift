import Payloads
import Signal

extension PayloadFormat {
  /// Beyond what any converter delivers in one message.
  private static let mostChannels = 64

  /// `channels`: names, or tables with what one channel has of its own.
  mutating func readChannels(_ table: TableReader, inheriting outer: SensorScale) {
    let items = table.items("channels", expected: "names or tables of the channels, in the message's order")
    for item in items {
      switch item {
      case .text(let name):
        channels.append(Channel(name: Self.name(name), unit: unit, scale: outer.factor(to: unit)))
      case .table(let own): channels.append(Channel(own, of: self, inheriting: outer))
      }
    }
    guard !items.isEmpty else { return }
    let names = channels.filter(\.isRead).compactMap(\.name)
    if Set(names).count != names.count { table.report("channels", "expected each name once") }
    if names.isEmpty { table.report("channels", "expected at least one channel with a name") }
    if channels.count > Self.mostChannels {
      table.report("channels", "expected at most \(Self.mostChannels), got \(channels.count)")
    }
  }

  /// `-` and nothing name a channel that is not read.
  fileprivate static func name(_ text: String) -> String { text == "-" ? "" : text }
}

extension PayloadFormat.Channel {
  fileprivate init(_ table: TableReader, of format: PayloadFormat, inheriting outer: SensorScale) {
    self.init(name: PayloadFormat.name(table.text("name", .channelName)))
    unit = table.optionalUnit("unit") ?? format.unit
    scale = SensorScale(table).factor(to: unit, outer: outer)
    samples = table.optionalText("samples", .fieldPath)
    table.finish()
  }
}
