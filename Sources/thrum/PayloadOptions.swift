import ArgumentParser
import Payloads
import Signal
import Terminal

/// How a message is to be read: the keys of a configuration's `[[source]]` as flags.
struct PayloadOptions: ParsableArguments {
  @Option(help: "What the message is: \(PayloadDecoders.kinds.joined(separator: ", ")).")
  var payload: String
  @Option(help: "The samples' unit: g, m/s2, mm/s, in/s, um, mil.")
  var unit: String?
  @Option(help: "For a slow value: \(ScalarQuantity.allCases.map(\.rawValue).joined(separator: ", ")).")
  var quantity: String?
  @Option(help: "For a tacho's pulses: how many make a turn.")
  var pulsesPerTurn: Double?
  @Option(help: "Samples per second.")
  var rate: Double?
  @Option(help: "Value in the unit = number in the message x scale.")
  var scale = 1.0
  @Option(
    help:
      "Names of the channels in the message, with commas; - for one that is not read. Their samples take turns; in JSON, an array each."
  )
  var channels: String?
  @Option(help: "Bytes before raw samples.")
  var headerBytes = 0
  @Option(help: "Where in them a running number stands (u32, little-endian), bytes from the start.")
  var sequenceAt: Int?
  @Option(help: "Where in them the first sample's time stands (i64, little-endian, ns since 1970), bytes from the start.")
  var timeAt: Int?
  @Option(help: "NAME=PATH of a JSON field: samples, rate, unit, time, sequence, rpm; dots lead into objects. May be repeated.")
  var field: [String] = []
  @Option(help: "What a number as JSON time counts: s, ms, us, ns.")
  var timeUnit = PayloadFormat.TimeUnit.seconds

  func format() throws -> PayloadFormat {
    let measures = try measures()
    let unit = measures == .waveform ? try parsedUnit() : nil
    var format = PayloadFormat(kind: payload, unit: unit, sampleRateHz: rate, scale: scale, measures: measures)
    if let rate { try expect("--rate", rate, in: 0.001...10_000_000) }
    try expect("--scale", scale, in: -1e9...1e9)
    try expect("--header-bytes", Double(headerBytes), in: 0...4096)
    guard scale != 0 else { throw UsageError("--scale 0: expected any number but 0") }
    format.header = .init(bytes: headerBytes, sequenceAt: sequenceAt, timeAt: timeAt)
    format.fields = try fields()
    format.channels = try named(format)
    return format
  }

  func decoder(_ format: PayloadFormat) throws -> any PayloadDecoder {
    do { return try PayloadDecoders.decoder(for: format) } catch { throw UsageError("\(Self.flag(error.key)): \(error.reason)") }
  }

  private func named(_ format: PayloadFormat) throws -> [PayloadFormat.Channel] {
    guard let channels else { return [] }
    let names = channels.split(separator: ",", omittingEmptySubsequences: false).map { $0 == "-" ? "" : String($0) }
    guard names.count <= 64, names.contains(where: { !$0.isEmpty }) else {
      throw UsageError(
        "--channels \(channels.printable): expected names with commas between them, - for a channel that is not read")
    }
    return names.map { .init(name: $0, measures: format.measures, unit: format.unit, scale: format.scale) }
  }

  private func measures() throws -> PayloadFormat.Measures {
    if let pulsesPerTurn {
      try expect("--pulses-per-turn", pulsesPerTurn, in: 0.001...100_000)
      return .pulses(perTurn: pulsesPerTurn)
    }
    guard let quantity else { return .waveform }
    guard let known = ScalarQuantity(rawValue: quantity) else {
      throw UsageError(
        "--quantity \(quantity.printable): expected \(ScalarQuantity.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    guard let unit = unit.flatMap(ScalarUnit.init(code:)), known.units.contains(unit) else {
      throw UsageError("--unit: expected \(known.units.map(\.rawValue).joined(separator: ", ")) for a \(quantity)")
    }
    return .scalar(known, unit)
  }

  private func parsedUnit() throws -> SignalUnit? {
    guard let unit else { return nil }
    guard let known = SignalUnit(code: unit) else {
      throw UsageError("--unit \(unit.printable): expected g, m/s2, mm/s, in/s, um or mil")
    }
    return known
  }

  private static func flag(_ key: String) -> String {
    switch key {
    case "sample_rate_hz": "--rate"
    case "fields": "--field"
    default: "--" + key.replacing("_", with: "-")
    }
  }

  private func fields() throws -> PayloadFormat.Fields {
    var fields = PayloadFormat.Fields(timeUnit: timeUnit)
    guard field.isEmpty || payload == "json" || payload == "cbor" else {
      throw UsageError("--field: only json and cbor have fields, not \(payload.printable)")
    }
    for pair in field {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, fields.set(parts[0], to: parts[1]) else {
        throw UsageError("--field \(pair.printable): expected NAME=PATH, NAME samples, rate, unit, time, sequence or rpm")
      }
    }
    return fields
  }
}

extension PayloadFormat.Fields {
  /// - Returns: whether there is a field of that name.
  fileprivate mutating func set(_ name: String, to path: String) -> Bool {
    switch name {
    case "samples": samples = path
    case "rate": rate = path
    case "unit": unit = path
    case "time": time = path
    case "sequence": sequence = path
    case "rpm": rpm = path
    default: return false
    }
    return true
  }
}

extension PayloadFormat.TimeUnit: ExpressibleByArgument {}
