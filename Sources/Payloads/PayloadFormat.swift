import Signal

/// How the messages of one source are to be read, as its configuration says.
package struct PayloadFormat: Sendable, Equatable {
  /// One of `PayloadDecoders.kinds`.
  package var kind: String
  /// `nil`: each message says.
  package var unit: SignalUnit?
  /// `nil`: each message says.
  package var sampleRateHz: Double?
  /// Value in `unit` = number in the message × `scale`.
  package var scale: Double
  /// In front of a raw block.
  package var header: Header
  /// Where a JSON message keeps what.
  package var fields: Fields
  /// What a message without `channels` measures.
  package var measures: Measures
  /// Several signals in one message, in its order; empty: there is one.
  package var channels: [Channel]

  package init(
    kind: String, unit: SignalUnit? = nil, sampleRateHz: Double? = nil, scale: Double = 1, header: Header = Header(),
    fields: Fields = Fields(), measures: Measures = .waveform, channels: [Channel] = []
  ) {
    self.kind = kind
    self.unit = unit
    self.sampleRateHz = sampleRateHz
    self.scale = scale
    self.header = header
    self.fields = fields
    self.measures = measures
    self.channels = channels
  }

  /// One signal at least: what every message holds, in its order.
  package var allChannels: [Channel] {
    channels.isEmpty ? [Channel(name: nil, measures: measures, unit: unit, scale: scale)] : channels
  }

  package enum Measures: Sendable, Equatable {
    case waveform
    /// A slow value; of a block of raw samples the mean.
    case scalar(ScalarQuantity, ScalarUnit)
    /// A tacho's pulses, from which the shaft's speed is told.
    case pulses(perTurn: Double)

    var isScalar: Bool { if case .scalar = self { true } else { false } }
  }

  /// One of the signals in a message.
  package struct Channel: Sendable, Equatable {
    /// Of its point, or the end of its name; empty: the channel is not read; `nil`: the message holds nothing else.
    package var name: String?
    package var measures: Measures
    /// Of a waveform; `nil`: each message says.
    package var unit: SignalUnit?
    package var scale: Double
    /// Where a JSON message keeps it; `nil`: in its turn in the array at `fields.samples`.
    package var samples: String?

    package init(
      name: String?, measures: Measures = .waveform, unit: SignalUnit? = nil, scale: Double = 1, samples: String? = nil
    ) {
      self.name = name
      self.measures = measures
      self.unit = unit
      self.scale = scale
      self.samples = samples
    }

    package var isRead: Bool { name != "" }
  }

  /// Bytes before the samples; offsets count from the first of them.
  package struct Header: Sendable, Equatable {
    package var bytes: Int
    /// Of a u32, little-endian: the source's running number.
    package var sequenceAt: Int?
    /// Of an i64, little-endian: nanoseconds since 1970 of the first sample.
    package var timeAt: Int?

    package init(bytes: Int = 0, sequenceAt: Int? = nil, timeAt: Int? = nil) {
      self.bytes = bytes
      self.sequenceAt = sequenceAt
      self.timeAt = timeAt
    }
  }

  /// Names of JSON fields; dots lead into objects (`data.values`). A field that is named must be in every message.
  package struct Fields: Sendable, Equatable {
    /// An array of numbers.
    package var samples: String
    /// Samples per second.
    package var rate: String?
    /// A unit's code.
    package var unit: String?
    /// RFC 3339 text, or a number since 1970 counted in `timeUnit`.
    package var time: String?
    package var timeUnit: TimeUnit
    /// A whole number.
    package var sequence: String?
    /// Shaft speed, revolutions per minute.
    package var rpm: String?

    package init(
      samples: String = "samples", rate: String? = nil, unit: String? = nil, time: String? = nil, timeUnit: TimeUnit = .seconds,
      sequence: String? = nil, rpm: String? = nil
    ) {
      self.samples = samples
      self.rate = rate
      self.unit = unit
      self.time = time
      self.timeUnit = timeUnit
      self.sequence = sequence
      self.rpm = rpm
    }
  }

  package enum TimeUnit: String, Sendable, CaseIterable {
    case seconds = "s", milliseconds = "ms", microseconds = "us", nanoseconds = "ns"

    package var nanoseconds: Int64 {
      switch self {
      case .seconds: 1_000_000_000
      case .milliseconds: 1_000_000
      case .microseconds: 1000
      case .nanoseconds: 1
      }
    }
  }
}

/// A source's configuration lacks, or contradicts, what its decoder needs.
package struct PayloadFormatError: Error, Equatable, CustomStringConvertible {
  /// The key of `[[source]]` to change.
  package let key: String
  package let reason: String

  package var description: String { "\(key): \(reason)" }
}
