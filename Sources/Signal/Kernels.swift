import CKernels

/// The inner loops of CKernels in Swift's terms: only importer of it in this room. Counts are the caller's to keep.
enum Kernels {
  typealias Floats = UnsafePointer<Float>

  /// centred[i] = samples[i] - mean.
  static func centre(_ samples: Floats, into centred: UnsafeMutablePointer<Float>, count: Int) -> SampleMoments {
    let m = thrum_centre(samples, centred, Int32(count))
    let plain = SampleMoments(mean: m.mean, m2: m.m2, m3: m.m3, m4: m.m4, peak: m.peak)
    return SampleMoments.plainPeaks.contains(m.peak) || m.peak == 0 ? plain : plain.scaled(of: centred, count: count)
  }

  /// Of mean-free samples.
  static func magnitudes(_ centred: Floats, count: Int) -> (mean: Float, meanRoot: Float, range: Float) {
    let m = thrum_measure_magnitudes(centred, Int32(count))
    return (m.mean, m.mean_root, m.range)
  }

  /// Of the bins 1 … count.
  static func spectralSums(_ density: Floats, count: Int) -> SpectralSums {
    let s = thrum_sum_spectrum(density, Int32(count))
    return SpectralSums(power: s.power, first: s.first, second: s.second, powerLog: s.power_log, log: s.log)
  }

  /// The half + 1 bins of real samples out of the transform of their pairs.
  static func unpackSpectrum(
    _ packed: UnsafePointer<Complex>, twiddles: UnsafePointer<Complex>, into spectrum: UnsafeMutablePointer<Complex>, half: Int
  ) {
    thrum_unpack_spectrum(packed.floats, twiddles.floats, spectrum.floats, Int32(half))
  }

  /// density[k] = scale · |X[k]/2 - X[k-1]/4 - X[k+1]/4|², half of it at both ends.
  static func hannDensity(_ spectrum: UnsafePointer<Complex>, into density: UnsafeMutablePointer<Float>, half: Int, scale: Float)
  {
    thrum_hann_density(spectrum.floats, density, Int32(half), scale)
  }

  static func sum(_ values: Floats, count: Int) -> Float { thrum_sum(values, Int32(count)) }

  /// product[k] = a[k] · b[k].
  static func multiply(
    _ a: UnsafePointer<Complex>, _ b: UnsafePointer<Complex>, into product: UnsafeMutablePointer<Complex>, count: Int
  ) {
    thrum_multiply_complex(a.floats, b.floats, product.floats, Int32(count))
  }

  /// magnitudes[2m] = |even[m]|, magnitudes[2m+1] = |odd[m]|.
  static func interleaveMagnitudes(
    even: UnsafePointer<Complex>, odd: UnsafePointer<Complex>, into magnitudes: UnsafeMutablePointer<Float>, count: Int
  ) {
    thrum_interleave_magnitudes(even.floats, odd.floats, magnitudes, Int32(count))
  }

  /// - Parameter count: at least 1.
  static func survey(_ samples: Floats, count: Int) -> (minimum: Float, maximum: Float, notFinite: Int, changes: Int) {
    let s = thrum_survey_samples(samples, Int32(count))
    return (s.minimum, s.maximum, Int(s.not_finite), Int(s.changes))
  }

  static func count(_ samples: Floats, count: Int, within range: ClosedRange<Float>) -> Int {
    Int(thrum_count_within(samples, Int32(count), range.lowerBound, range.upperBound))
  }
}

/// Means of the powers of mean-free samples, and their largest magnitude.
package struct SampleMoments: Sendable {
  package var mean: Float
  /// Of the samples divided by `scale`.
  package var m2, m3, m4: Float
  package var peak: Float
  /// 1, or the peak where fourth powers would leave what single precision holds.
  package var scale: Float = 1
  package var rms: Float { scale * m2.squareRoot() }

  static let plainPeaks: ClosedRange<Float> = 1e-5...1e8

  /// The same figures, summed anew.
  func scaled(of centred: UnsafePointer<Float>, count: Int) -> SampleMoments {
    guard peak.isFinite else { return self }
    var (m2, m3, m4) = (0.0, 0.0, 0.0)
    for n in 0..<count {
      let x = Double(centred[n]) / Double(peak)
      m2 += x * x
      m3 += x * x * x
      m4 += x * x * x * x
    }
    let share = 1 / Double(count)
    return SampleMoments(
      mean: mean, m2: Float(share * m2), m3: Float(share * m3), m4: Float(share * m4), peak: peak, scale: peak)
  }
}

/// Sums over the bins k of P[k], k·P[k], k²·P[k], P[k]·ln P[k] and ln P[k].
struct SpectralSums {
  let power, first, second, powerLog, log: Double
}

extension UnsafePointer<Complex> {
  fileprivate var floats: UnsafePointer<Float> { UnsafeRawPointer(self).assumingMemoryBound(to: Float.self) }
}

extension UnsafeMutablePointer<Complex> {
  fileprivate var floats: UnsafeMutablePointer<Float> { UnsafeMutableRawPointer(self).assumingMemoryBound(to: Float.self) }
}
