import Payloads
import Signal

extension PayloadFormat {
  /// Beyond what any converter delivers in one message.
  private static let mostChannels = 64

  /// What the samples are and what their numbers mean, of all channels where there are several.
  mutating func readMeaning(_ table: TableReader) {
    let sensor = SensorScale(table)
    (measures, unit) = Measures.read(table) ?? (.waveform, table.optionalUnit("unit"))
    readChannels(table, inheriting: sensor)
    if channels.isEmpty { scale = sensor.factor(to: unit) }
  }

  /// `channels`: names, or tables with what one channel has of its own.
  private mutating func readChannels(_ table: TableReader, inheriting outer: SensorScale) {
    let items = table.items("channels", expected: "names or tables of the channels, in the message's order")
    for item in items {
      switch item {
      case .text(let name):
        channels.append(Channel(name: Self.name(name), measures: measures, unit: unit, scale: outer.factor(to: unit)))
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
    self.init(name: PayloadFormat.name(table.text("name", .channelName)), measures: format.measures)
    let sensor = SensorScale(table)
    if let own = PayloadFormat.Measures.read(table) {
      (measures, unit) = own
      scale = sensor.factor(to: nil)
    } else {
      if measures == .waveform { unit = table.optionalUnit("unit") ?? format.unit }
      scale = sensor.factor(to: unit, outer: outer)
    }
    samples = table.optionalText("samples", .fieldPath)
    table.finish()
  }
}

extension PayloadFormat.Measures {
  /// What `quantity` or `pulses_per_turn` say; `nil` where neither is given. What is no vibration has no unit of vibration.
  fileprivate static func read(_ table: TableReader) -> (Self, SignalUnit?)? {
    let quantity: ScalarQuantity? = table.optionalChoice("quantity")
    let pulses = table.optionalNumber("pulses_per_turn", 0.001...100_000)
    if let quantity {
      if pulses != nil { table.report("pulses_per_turn", "expected none, because quantity is given") }
      return (.scalar(quantity, table.unit("unit", of: quantity)), nil)
    }
    return pulses.map { (.pulses(perTurn: $0), nil) }
  }
}
