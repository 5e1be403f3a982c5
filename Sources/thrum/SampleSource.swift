import ArgumentParser
import Recordings
import Signal
import Terminal

/// Where samples come from and what they are: the flags that all commands on one file share.
struct SampleSource: ParsableArguments {
  @Argument(help: "A recording.", completion: .file())
  var file: String
  @OptionGroup var form: SampleForm
  @Option(help: "Shaft speed, revolutions per minute.")
  var rpm: Double?
  @Option(help: "The bearing's designation, as 6205, or its lines in orders of the shaft: BPFO,BPFI,BSF,FTF.")
  var bearing: String?

  func samples() throws -> Samples { try form.samples(of: file) }

  /// Revolutions per second.
  func shaftHz() throws -> Double? {
    guard let rpm else { return nil }
    guard (0.1...1e6).contains(rpm) else { throw UsageError("--rpm \(rpm): expected 0.1 to 1000000") }
    return rpm / 60
  }

  /// - Parameter follows: the shaft's speed is known otherwise.
  func multiples(follows: Bool = false) throws -> BearingMultiples? {
    guard let bearing else { return nil }
    let multiples = try BearingMultiples(option: bearing)
    guard rpm != nil || follows else { throw UsageError("--bearing needs --rpm") }
    return multiples
  }
}

/// Samples as a command takes them.
struct Samples {
  let values: [Float]
  let rateHz: Double
  let unit: SignalUnit
}
