import ArgumentParser
import Contracts
import Payloads
import Recordings
import Signal
import Terminal

struct Decode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Show what a message body becomes: a line of JSON per channel, or the reason why it would be quarantined.",
    discussion: """
      The flags are the keys of [[source]]: what decodes here, the daemon decodes. FILE holds one message, as from \
      mosquitto_sub -N -C 1. Refused: exit code 1.

      EXAMPLES
        thrum decode body.bin --payload i24be --unit g --rate 25600 --scale 1.2e-6
        thrum decode body.bin --payload f32le --unit g --rate 12000 --header-bytes 12 --sequence-at 0 --time-at 4
        thrum decode body.bin --payload i16le --unit g --rate 25600 --channels drive-end,fan-end,-
        thrum decode body.json --payload json --unit g --field samples=data.values --field rate=data.fs
        thrum decode pack.json --payload senml --channels x,y
      """)

  @Argument(help: "A message body.", completion: .file())
  var file: String
  @OptionGroup var format: PayloadOptions

  /// The most that ingest.max_payload_bytes allows.
  private static let mostBytes = 16_777_216

  func run() throws {
    let format = try format.format()
    let decoder = try self.format.decoder(format)
    let bytes = try FileBytes.read(file)
    guard bytes.count <= Self.mostBytes else {
      throw Refusal(description: refused("too_large", "\(bytes.count) bytes are more than any message, \(Self.mostBytes)"))
    }
    let result = Result { () throws(PayloadError) in
      try decoder.decode(bytes, receivedAt: UnixTime(nanoseconds: 0))
    }
    switch result {
    case .success(let measured):
      for (channel, measurement) in zip(format.allChannels.filter(\.isRead), measured) { try show(measurement, of: channel) }
    case .failure(let error): throw Refusal(description: refused(error.name, error.description))
    }
  }

  private func show(_ measurement: Measurement, of channel: PayloadFormat.Channel) throws {
    switch measurement {
    case .waveform(let frame): printJSON(FrameLine(frame, channel: channel.name))
    case .reading(let reading): printJSON(ReadingLine(reading, channel: channel.name))
    case .unusable(let error): throw Refusal(description: refused(error.name, error.description))
    }
  }

  private func refused(_ name: String, _ reason: String) -> String {
    "decode \(file.printable) as \(format.payload): \(reason.printable); the daemon would quarantine it as \(name)"
  }

  private struct Refusal: Error, CustomStringConvertible {
    let description: String
  }
}

/// A frame as a line of JSON; what only some messages say is left out where one does not.
private struct FrameLine: Encodable {
  let channel: String?
  let samples: [Float]
  let unit: String
  let sampleRateHz: Double
  @OrNull var time: UnixTime?
  let sequence: UInt64?
  let speedRpm: Double?

  init(_ frame: Frame, channel: String?) {
    self.channel = channel
    (samples, unit, sampleRateHz) = (frame.samples, frame.unit.rawValue, frame.sampleRateHz)
    (sequence, speedRpm) = (frame.sequence, frame.speedRPM)
    _time = OrNull(wrappedValue: frame.startTime)
  }
}

/// A scalar as a line of JSON.
private struct ReadingLine: Encodable {
  let channel: String?
  let quantity: String
  let value: Double
  let unit: String
  @OrNull var time: UnixTime?
  let sequence: UInt64?

  init(_ reading: Reading, channel: String?) {
    self.channel = channel
    (quantity, value, unit) = (reading.quantity.rawValue, reading.value, reading.unit.rawValue)
    sequence = reading.sequence
    _time = OrNull(wrappedValue: reading.time)
  }
}
