import Anomaly
import Payloads
import Signal

extension Measurement {
  /// What the rest of the machine may know of it: scalars, and the speed that came with samples.
  var saidOfMachine: Reading? {
    switch self {
    case .reading(let reading): reading
    case .waveform(let frame):
      frame.speedRPM.map {
        Reading(
          value: $0, unit: .perMinute, quantity: .speed,
          time: frame.startTime?.advanced(bySeconds: frame.durationSeconds / 2), receivedAt: frame.receivedAt)
      }
    case .unusable: nil
    }
  }
}

extension QuarantineReason {
  init(_ error: PayloadError) {
    self =
      switch error {
      case .emptyPayload: .emptyPayload
      case .wrongLength: .wrongLength
      case .malformed: .malformed
      case .wrongUnit: .wrongUnit
      case .wrongRate: .wrongRate
      case .noPulses: .noPulses
      }
  }
}
