import ArgumentParser
import Signal
import Terminal

/// What of a recording an envelope is taken of.
struct DemodulationOptions: ParsableArguments {
  @Option(help: "Envelope: of this band, LOW-HIGH in Hz, or of the most impulsive one: auto (fast kurtogram).")
  var band: String?
  @Flag(help: "Envelope: give every line of the whole recording the same magnitude first (cepstral pre-whitening).")
  var prewhiten = false

  func check(kind: SpectrumRequest.Kind) throws {
    if kind != .envelope, band != nil || prewhiten { throw UsageError("--band and --prewhiten are for --kind envelope") }
  }

  func apply(to request: inout SpectrumRequest) throws {
    (request.band, request.isPrewhitened) = (try parsed(), prewhiten)
  }

  private func parsed() throws -> EnvelopeBand? {
    guard let band else { return nil }
    if band == "auto" { return .kurtogram }
    let edges = band.split(separator: "-", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
    guard edges.count == 2, edges.allSatisfy((0...1e8).contains), edges[0] < edges[1] else {
      throw UsageError("--band \(band.printable): expected auto, or two frequencies in Hz such as 2000-4000")
    }
    return .fixed(edges[0]...edges[1])
  }
}
