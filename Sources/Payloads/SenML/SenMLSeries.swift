import Glibc
import Signal

/// The records of one name, in the order of the pack.
struct SenMLSeries {
  let scale: Double
  private(set) var samples: [Float] = []
  /// Seconds since the first.
  private var times: [Double] = []
  private(set) var first, last: SenMLTime?
  /// Its code; `nil`: no record says one.
  private(set) var unit: [UInt8]?

  init(scale: Double) { self.scale = scale }

  mutating func append(
    _ value: Double, _ time: SenMLTime, _ unit: UnsafeRawBufferPointer?, number: Int
  ) throws(PayloadError) {
    let sample = Float(value * scale)
    guard sample.isFinite else { throw .malformed("SenML, record \(number): \(value) is too large") }
    if samples.isEmpty {
      self.unit = unit.map(Array.init)
    } else {
      guard self.unit?.count == unit?.count, zip(self.unit ?? [], unit ?? .init(start: nil, count: 0)).allSatisfy(==) else {
        throw .wrongUnit("SenML, record \(number): another unit than the records of its name before")
      }
    }
    first = first ?? time
    last = time
    times.append(first.map(time.seconds) ?? 0)
    samples.append(sample)
  }

  /// What the sum of a base time of today and an offset, in doubles, may be off by.
  private static let timeResolution = 5e-7

  /// Samples per second.
  /// - Parameter declared: counts, where the records' times do not contradict; they need none then.
  func rate(declared: Double?) throws(PayloadError) -> Double {
    let span = times.last ?? 0
    guard times.contains(where: { $0 != 0 }) else {
      guard let declared else { throw .wrongRate("SenML: records of one time, \(times.count), say no rate") }
      return declared
    }
    let step = span / Double(times.count - 1)
    guard step > 0 else { throw .wrongRate("SenML: the records' times do not rise") }
    let allowed = 0.1 * step + Self.timeResolution
    if let place = times.indices.first(where: { !(abs(times[$0] - Double($0) * step) <= allowed) }) {
      throw .wrongRate("SenML: record \(place + 1) of its name is not where even spacing would have it: one rate is needed")
    }
    return try checked(1 / step, span, declared)
  }

  /// To six digits, so that one sensor has one rate.
  private func checked(_ measured: Double, _ span: Double, _ declared: Double?) throws(PayloadError) -> Double {
    if let declared {
      guard abs(measured / declared - 1) <= 1e-3 + 2 * Self.timeResolution / span else {
        throw .wrongRate("expected \(declared) Hz, the records' times say \(measured)")
      }
      return declared
    }
    let unit = pow(10, 5 - floor(log10(measured)))
    let rate = (measured * unit).rounded() / unit
    guard (0.001...10_000_000).contains(rate) else { throw .wrongRate("expected 0.001 to 10000000 Hz, got \(measured)") }
    return rate
  }
}
