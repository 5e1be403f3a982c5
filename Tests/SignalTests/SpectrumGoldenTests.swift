import Foundation
import TestSupport
import Testing

@testable import Signal

/// The 200 signals of `FeatureGoldenTests`, as spectra of every kind; scripts/golden/spectra.py asked SciPy and NumPy.
@Suite("Spectra beside SciPy")
struct SpectrumGoldenTests {
  @Test("every line agrees within 1e-4 of itself or of the highest", arguments: try GoldenSpectra.all())
  func agrees(expected: GoldenSpectra) throws {
    let samples = Signals(seed: expected.seed, count: expected.count, sample_rate_hz: expected.sample_rate_hz, features: [])
      .samples
    for (kind, golden) in expected.spectra.sorted(by: { $0.key < $1.key }) {
      let report = try request(kind, expected).report(samples, sampleRateHz: expected.sample_rate_hz)
      #expect(report.amplitude.count == golden.count, "\(kind)")
      #expect(abs(report.resolutionHz / golden.resolution_hz - 1) < 1e-9, "\(kind)")
      Self.compare(kind, report.amplitude.map { Double($0) }, golden)
    }
  }

  @Test("an order spectrum has the power spectrum's lines, over multiples of the shaft's speed", arguments: [3, 5, 16, 42, 199])
  func orders(seed: Int) throws {
    let expected = try #require(try GoldenSpectra.all().first { $0.seed == seed })
    let golden = try #require(expected.spectra["power"])
    let samples = Signals(seed: seed, count: expected.count, sample_rate_hz: expected.sample_rate_hz, features: []).samples
    var order = try request("order", expected)
    order.shaftHz = 7.3
    let report = try order.report(samples, sampleRateHz: expected.sample_rate_hz)
    Self.compare("order", report.amplitude.map { Double($0) }, golden)
    for (k, order) in try #require(report.orders).enumerated() {
      #expect(abs(order - Double(k) * golden.resolution_hz / 7.3) <= 1e-9 * (1 + order))
    }
  }

  private func request(_ kind: String, _ expected: GoldenSpectra) throws -> SpectrumRequest {
    let isSquared = kind == "squared_envelope"
    let named = try #require(SpectrumRequest.Kind(rawValue: isSquared ? "envelope" : kind))
    var request = SpectrumRequest(kind: named, unit: try #require(SignalUnit(code: expected.unit)))
    (request.isSquared, request.window) = (isSquared, try #require(SpectrumWindow(rawValue: expected.window)))
    return request
  }

  private static func compare(_ kind: String, _ ours: [Double], _ golden: GoldenSpectra.Spectrum) {
    let peak = golden.amplitude.max() ?? 0
    for (bin, theirs) in zip(golden.bins, golden.amplitude) where bin < ours.count {
      #expect(abs(ours[bin] - theirs) <= 1e-4 * max(theirs, peak), "\(kind) bin \(bin): \(ours[bin]), SciPy says \(theirs)")
    }
    let root = ours.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(root - golden.root_of_squares) <= 1e-4 * golden.root_of_squares, "\(kind): \(root) for \(golden.root_of_squares)")
  }
}

struct GoldenSpectra: Codable, CustomTestStringConvertible, Sendable {
  let seed, count: Int
  let sample_rate_hz: Double
  let unit, window: String
  let spectra: [String: Spectrum]
  var testDescription: String { "\(seed), \(count) samples in \(unit), \(window)" }

  struct Spectrum: Codable, Sendable {
    let resolution_hz: Double
    let count: Int
    /// Of all lines.
    let root_of_squares: Double
    /// The highest lines, and some more.
    let bins: [Int]
    let amplitude: [Double]
  }

  static func all() throws -> [Self] { try JSONDecoder().decode([Self].self, from: Golden.data("spectra.json")) }
}
