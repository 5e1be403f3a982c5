import Signal

/// An object whose fields are found by the names that the source's configuration gives; a scalar alone may also be the whole
/// message, a bare number.
struct MappedFields<Scanner: TreeScanner>: Sendable {
  private let format: PayloadFormat
  private let channels: [PayloadFormat.Channel]
  private let paths: [Path]

  /// What can be mapped; `all`: an array for each channel in one array.
  fileprivate enum Field: Hashable, CustomStringConvertible {
    case channel(Int)
    case all, rate, unit, time, sequence, rpm

    var description: String {
      switch self {
      case .channel, .all: "samples"
      case .rate: "rate"
      case .unit: "unit"
      case .time: "time"
      case .sequence: "sequence"
      case .rpm: "rpm"
      }
    }
  }

  /// Where a field lies: names of nested objects, outermost first.
  private struct Path: Sendable {
    let field: Field
    let names: [[UInt8]]
  }

  init(_ format: PayloadFormat) throws(PayloadFormatError) {
    self.format = format
    channels = format.allChannels
    try Self.check(format, channels)
    paths = try Self.paths(format.fields, channels)
  }

  private static func check(_ format: PayloadFormat, _ channels: [PayloadFormat.Channel]) throws(PayloadFormatError) {
    let waveforms = channels.filter { $0.isRead && $0.measures == .waveform }
    if waveforms.contains(where: { $0.unit == nil }), format.fields.unit == nil {
      throw PayloadFormatError(key: "unit", reason: "needed here, or fields.unit where messages say it")
    }
    if waveforms.isEmpty, format.fields.unit != nil {
      throw PayloadFormatError(key: "fields", reason: "unit is of waveforms; a scalar's stands in unit")
    }
    if format.sampleRateHz == nil, format.fields.rate == nil, channels.contains(where: { !$0.measures.isScalar }) {
      throw PayloadFormatError(key: "sample_rate_hz", reason: "needed here, or fields.rate where messages say it")
    }
    guard format.header == PayloadFormat.Header() else {
      throw PayloadFormatError(key: "header_bytes", reason: "only raw samples have a header")
    }
  }

  func decode(_ payload: UnsafeRawBufferPointer, receivedAt: UnixTime) throws(PayloadError) -> [Measurement] {
    guard !payload.isEmpty else { throw .emptyPayload }
    let found = try values(in: payload)
    let assembly = Assembly(sampleRateHz: channels.allSatisfy(\.measures.isScalar) ? nil : try rate(found))
    var origin = Assembly.Origin(
      time: found.time, sequence: found.sequence, speedRPM: found.rpm, unit: found.unit, receivedAt: receivedAt)
    var measured: [Measurement] = []
    for (index, channel) in channels.enumerated() where channel.isRead {
      guard let numbers = found.numbers[index], !numbers.samples.isEmpty else {
        throw .wrongLength("\(channel.samples ?? format.fields.samples) holds no samples")
      }
      if channel.measures == .waveform { origin.unit = try unit(found, channel) }
      measured.append(try assembly.measurement(channel, numbers.samples, digest: numbers.digest, origin))
    }
    return measured
  }

  /// What a message said.
  private struct Values {
    var numbers: [Int: Numbers] = [:]
    var rate: Double?
    var unit: SignalUnit?
    var time: UnixTime?
    var sequence: UInt64?
    var rpm: Double?
    var seen: Set<Field> = []
  }

  /// Of one channel; the digest is of their text.
  private struct Numbers {
    var samples: [Float]
    var digest: UInt64
  }

  private func values(in payload: UnsafeRawBufferPointer) throws(PayloadError) -> Values {
    var scanner = Scanner(payload)
    var found = Values()
    if mayBeBare, scanner.next() != .object {
      try readChannel(0, &scanner, payload, &found)
      found.seen.insert(.channel(0))
    } else {
      try walk(&scanner, paths[...], depth: 0, payload, &found)
    }
    guard scanner.next() == nil else { throw scanner.malformed("something follows the message") }
    for path in paths where !found.seen.contains(path.field) { throw Self.missing(path) }
    return found
  }

  private var mayBeBare: Bool { channels.count == 1 && channels[0].measures.isScalar }

  /// Reads an object whose members may lead to `paths`, of which the first `depth` names were followed already.
  private func walk(
    _ scanner: inout Scanner, _ paths: ArraySlice<Path>, depth: Int, _ payload: UnsafeRawBufferPointer, _ found: inout Values
  ) throws(PayloadError) {
    try scanner.members { scanner, key throws(PayloadError) in
      let matching = paths.filter { $0.names.count > depth && $0.names[depth].elementsEqual(key) }
      if let path = matching.first(where: { $0.names.count == depth + 1 }) {
        guard found.seen.insert(path.field).inserted else { throw scanner.malformed("\(path.field) is there twice") }
        try read(path.field, &scanner, payload, &found)
      } else if matching.isEmpty || scanner.next() != .object {
        try scanner.skip(depth: depth + 1)
      } else {
        try walk(&scanner, matching[...], depth: depth + 1, payload, &found)
      }
    }
  }
}

// Fields.
extension MappedFields {
  private func read(
    _ field: Field, _ scanner: inout Scanner, _ payload: UnsafeRawBufferPointer, _ found: inout Values
  ) throws(PayloadError) {
    switch field {
    case .channel(let index): try readChannel(index, &scanner, payload, &found)
    case .all: try readAll(&scanner, payload, &found)
    case .rate: found.rate = try scanner.number()
    case .unit: found.unit = try Self.unit(&scanner)
    case .time: found.time = try time(&scanner)
    case .sequence: found.sequence = try scanner.unsigned()
    case .rpm: found.rpm = try Self.speed(&scanner)
    }
  }

  /// An array for each channel.
  private func readAll(
    _ scanner: inout Scanner, _ payload: UnsafeRawBufferPointer, _ found: inout Values
  ) throws(PayloadError) {
    var index = 0
    try scanner.elements { scanner throws(PayloadError) in
      if index < channels.count, channels[index].isRead {
        try readChannel(index, &scanner, payload, &found)
      } else {
        try scanner.skip(depth: 1)
      }
      index += 1
    }
    guard index == channels.count else {
      throw .wrongLength("\(format.fields.samples) holds \(index) channels, expected \(channels.count)")
    }
  }

  private static func sample(_ number: Double, _ scale: Double, _ scanner: Scanner) throws(PayloadError) -> Float {
    let value = Float(number * scale)
    guard value.isFinite else { throw scanner.malformed("\(number) is too large") }
    return value
  }

  /// An array of numbers; of a scalar also one number.
  private func readChannel(
    _ index: Int, _ scanner: inout Scanner, _ payload: UnsafeRawBufferPointer, _ found: inout Values
  ) throws(PayloadError) {
    let isArray = scanner.next() == .array
    let start = scanner.position
    let channel = channels[index]
    let samples =
      isArray || !channel.measures.isScalar
      ? try scanner.samples(scale: channel.scale, channels: channels.count)
      : [try Self.sample(scanner.number(), channel.scale, scanner)]
    let text = UnsafeRawBufferPointer(rebasing: payload[start..<scanner.position])
    found.numbers[index] = Numbers(samples: samples, digest: Digest64.of(text))
  }

  private static func unit(_ scanner: inout Scanner) throws(PayloadError) -> SignalUnit {
    guard scanner.next() == .text else { throw .wrongUnit("the unit is no text") }
    let code = String(decoding: try scanner.string(), as: UTF8.self)
    guard let unit = SignalUnit(code: code) else { throw .wrongUnit("unknown unit \(code.prefix(32))") }
    return unit
  }

  private static func speed(_ scanner: inout Scanner) throws(PayloadError) -> Double {
    let speed = try scanner.number()
    guard (0...1_000_000).contains(speed) else { throw scanner.malformed("a shaft cannot turn at \(speed) rpm") }
    return speed
  }

  private func time(_ scanner: inout Scanner) throws(PayloadError) -> UnixTime {
    if scanner.next() == .text {
      let text = String(decoding: try scanner.string(), as: UTF8.self)
      guard let time = UnixTime(rfc3339: text) else { throw scanner.malformed("no RFC 3339 time") }
      return time
    }
    let unit = format.fields.timeUnit.nanoseconds
    if let count = scanner.takeUnsigned(upTo: UInt64(Self.latestNanoseconds / unit)) {
      return UnixTime(nanoseconds: Int64(count) * unit)
    }
    let nanoseconds = try scanner.number() * Double(unit)
    guard (0...Double(Self.latestNanoseconds)).contains(nanoseconds) else { throw scanner.malformed("no time since 1970") }
    return UnixTime(nanoseconds: Int64(nanoseconds))
  }

  /// 2199-12-31; `UnixTime` itself ends in 2262.
  private static var latestNanoseconds: Int64 { 7_258_000_000_000_000_000 }
}

// What message and configuration say together: a mapped field must be there, and must not contradict.
extension MappedFields {
  private func unit(_ found: Values, _ channel: PayloadFormat.Channel) throws(PayloadError) -> SignalUnit {
    guard let unit = found.unit ?? channel.unit else { throw .wrongUnit("the message says no unit") }
    if let declared = channel.unit, declared != unit { throw .wrongUnit("expected \(declared.rawValue), got \(unit.rawValue)") }
    return unit
  }

  private func rate(_ found: Values) throws(PayloadError) -> Double {
    guard let rate = found.rate ?? format.sampleRateHz else { throw .wrongRate("the message says no rate") }
    guard (0.001...10_000_000).contains(rate) else { throw .wrongRate("expected 0.001 to 10000000 Hz, got \(rate)") }
    if let declared = format.sampleRateHz, declared != rate { throw .wrongRate("expected \(declared) Hz, got \(rate)") }
    return rate
  }

  private static func missing(_ path: Path) -> PayloadError {
    let name = path.names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
    return switch path.field {
    case .unit: .wrongUnit("no field \(name)")
    case .rate: .wrongRate("no field \(name)")
    default: .malformed("\(Scanner.language): no field \(name)")
    }
  }

  private static func paths(
    _ fields: PayloadFormat.Fields, _ channels: [PayloadFormat.Channel]
  ) throws(PayloadFormatError) -> [Path] {
    var named: [(Field, String?)] = [
      (.rate, fields.rate), (.unit, fields.unit), (.time, fields.time), (.sequence, fields.sequence), (.rpm, fields.rpm),
    ]
    if channels.count == 1 {
      named.append((.channel(0), channels[0].samples ?? fields.samples))
    } else if channels.allSatisfy({ $0.samples == nil }) {
      named.append((.all, fields.samples))
    } else if channels.allSatisfy({ $0.samples != nil && $0.isRead }) {
      named += channels.enumerated().map { (.channel($0), $1.samples) }
    } else {
      throw PayloadFormatError(key: "channels", reason: "give samples for every channel, or for none")
    }
    let paths = named.compactMap { field, name in
      name.map { Path(field: field, names: $0.split(separator: ".", omittingEmptySubsequences: false).map { Array($0.utf8) }) }
    }
    for (index, path) in paths.enumerated() {
      for other in paths[(index + 1)...] where path.names.starts(with: other.names) || other.names.starts(with: path.names) {
        throw PayloadFormatError(key: "fields", reason: "\(path.field) and \(other.field) cannot lie in the same place")
      }
    }
    return paths
  }
}
