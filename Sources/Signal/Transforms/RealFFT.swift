import CFFTW
import Glibc
import Synchronization

/// A complex number as FFTW and the kernels lay it out: x is the real part, y the imaginary one.
package typealias Complex = SIMD2<Float>

/// The spectrum of real samples, by a complex transform of half the length and an unpacking pass: with FFTW's estimated plans
/// this takes less time than its own real transform.
final class RealFFT {
  /// Number of real samples, even.
  let count: Int
  /// The samples to transform; the caller fills it.
  var samples: UnsafeMutablePointer<Float> { UnsafeMutableRawPointer(pairs.base).assumingMemoryBound(to: Float.self) }
  /// After `transformPairs`: the transform of the pairs (sample 2m + i · sample 2m+1), count/2 numbers.
  var packed: UnsafePointer<Complex> { UnsafePointer(packedSpectrum.base) }
  /// After `transform`: bins 0 … count/2, not scaled.
  var spectrum: UnsafePointer<Complex> { UnsafePointer(bins.base) }
  /// e^(+2πik / count), k = 0 ..< count/2.
  var twiddles: UnsafePointer<Complex> { UnsafePointer(turns.base) }

  private let pairs, packedSpectrum, bins, turns: AlignedArray<Complex>
  private let plan: ComplexFFT

  init(count: Int) throws(SignalError) {
    guard count >= 2, count.isMultiple(of: 2) else {
      throw SignalError("transform", "\(count) samples", reason: "an even number is needed")
    }
    self.count = count
    pairs = try AlignedArray(count: count / 2)
    packedSpectrum = try AlignedArray(count: count / 2)
    bins = try AlignedArray(count: count / 2 + 1)
    turns = try AlignedArray(count: count / 2)
    plan = try ComplexFFT(count: count / 2, .forward)
    for k in 0..<count / 2 {
      let angle = 2 * Double.pi * Double(k) / Double(count)
      turns.base[k] = Complex(Float(cos(angle)), Float(sin(angle)))
    }
  }

  func transform() {
    transformPairs()
    Kernels.unpackSpectrum(packed, twiddles: twiddles, into: bins.base, half: count / 2)
  }

  /// For callers that want a few bins only: `bin(_:)` unpacks each.
  func transformPairs() { plan.transform(pairs, into: packedSpectrum) }

  /// Bin k of the samples' spectrum, 0 < k < count/2, out of `packed`.
  func bin(_ k: Int) -> Complex {
    let (p, q, turn) = (packed[k], packed[count / 2 - k], twiddles[k])
    let even = 0.5 * Complex(p.x + q.x, p.y - q.y)
    let odd = 0.5 * Complex(p.y + q.y, q.x - p.x)
    return even + Complex(odd.x * turn.x + odd.y * turn.y, odd.y * turn.x - odd.x * turn.y)
  }
}

/// A complex transform of fixed length. FFTW's plans may be run by any thread, but made and destroyed by one at a time.
final class ComplexFFT {
  enum Direction { case forward, inverse }
  let count: Int
  private let plan: fftwf_plan

  /// Estimated, not measured: the same plan at every start, and no time spent on it.
  init(count: Int, _ direction: Direction) throws(SignalError) {
    self.count = count
    let sign = direction == .forward ? FFTW_FORWARD : FFTW_BACKWARD
    let (from, to) = (try AlignedArray<Complex>(count: count), try AlignedArray<Complex>(count: count))
    nonisolated(unsafe) var made: fftwf_plan?
    planner.withLock { _ in made = fftwf_plan_dft_1d(Int32(count), from.asFFTW, to.asFFTW, sign, UInt32(FFTW_ESTIMATE)) }
    guard let made else { throw SignalError("plan transform", "\(count) numbers", reason: "FFTW has no plan for it") }
    plan = made
  }

  deinit { planner.withLock { _ in fftwf_destroy_plan(plan) } }

  /// Not scaled. Both arrays hold `count` numbers or more; `source` is kept.
  func transform(_ source: AlignedArray<Complex>, into result: AlignedArray<Complex>) {
    precondition(source.count >= count && result.count >= count, "arrays are shorter than the transform")
    fftwf_execute_dft(plan, source.asFFTW, result.asFFTW)
  }
}

/// Zeroed memory, aligned alike for FFTW's vector code.
final class AlignedArray<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  init(count: Int) throws(SignalError) {
    let bytes = count * MemoryLayout<Element>.stride
    guard let memory = fftwf_malloc(bytes) else { throw SignalError("allocate", "\(bytes) bytes", reason: "out of memory") }
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    base = memory.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit { fftwf_free(base) }
}

extension AlignedArray<Complex> {
  fileprivate var asFFTW: UnsafeMutablePointer<fftwf_complex> {
    UnsafeMutableRawPointer(base).assumingMemoryBound(to: fftwf_complex.self)
  }
}

private let planner = Mutex<Void>(())
