/// Why a message body became no frame; each case is a reason for quarantine.
package enum PayloadError: Error, Equatable, CustomStringConvertible {
  case emptyPayload
  /// Bytes that are not whole samples, or fewer than the header.
  case wrongLength(String)
  /// Not what the source's `payload` says, a number no sensor can mean, or a field missing.
  case malformed(String)
  /// A unit unknown, missing, or another than the source declares.
  case wrongUnit(String)
  /// A rate impossible, missing, or another than the source declares.
  case wrongRate(String)
  /// A tacho's block without two pulses at a steady speed.
  case noPulses(String)

  /// The reason for quarantine, as it is counted.
  package var name: String {
    switch self {
    case .emptyPayload: "empty_payload"
    case .wrongLength: "wrong_length"
    case .malformed: "malformed"
    case .wrongUnit: "wrong_unit"
    case .wrongRate: "wrong_rate"
    case .noPulses: "no_pulses"
    }
  }

  package var description: String {
    switch self {
    case .emptyPayload: "the payload is empty"
    case .wrongLength(let reason), .malformed(let reason), .wrongUnit(let reason), .wrongRate(let reason), .noPulses(let reason):
      reason
    }
  }
}
