import Signal

/// What one channel of a message became.
package enum Measurement: Sendable {
  case waveform(Frame)
  case reading(Reading)
  /// The message is well formed, this channel of it is of no use.
  case unusable(PayloadError)
}
