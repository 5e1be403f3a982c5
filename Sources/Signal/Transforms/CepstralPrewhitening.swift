/// A whole recording with every line of its spectrum at the same magnitude and its own phase: the real cepstrum set to zero, so
/// that what is discrete and what resonates counts no more than the rest, and impacts stand out (P. Borghesani et al., Mech. Syst.
/// Signal Process. 36, 2013; W. A. Smith, R. B. Randall, Mech. Syst. Signal Process. 64, 2015, where it did best on the most
/// recordings). The RMS of the mean-free samples stays, so the unit does.
package enum CepstralPrewhitening {
  /// - Parameter samples: finite, 8 to 2²⁶; an odd last one is left out.
  package static func whiten(_ samples: [Float]) throws(SignalError) -> [Float] {
    let count = samples.count / 2 * 2
    guard (8...1 << 26).contains(count) else {
      throw SignalError("whiten", "\(samples.count) samples", reason: "8 to \(1 << 26) are needed")
    }
    let (forward, inverse) = (try RealFFT(count: count), try ComplexFFT(count: count, .inverse))
    samples.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { _ = Kernels.centre(base, into: forward.samples, count: count) }
    }
    forward.transform()
    let lines = try evened(forward)
    let result = try AlignedArray<Complex>(count: count)
    inverse.transform(lines, into: result)
    return (0..<count).map { result.base[$0].x / Float(count) }
  }

  /// All bins, those of negative frequency the conjugates of the others; bin 0 stays 0.
  private static func evened(_ transform: RealFFT) throws(SignalError) -> AlignedArray<Complex> {
    let (count, spectrum) = (transform.count, transform.spectrum)
    let lines = try AlignedArray<Complex>(count: count)
    let powers = (1...count / 2).map { Double((spectrum[$0] * spectrum[$0]).sum()) }
    // Of the two halves together, where the middle stands once.
    let (total, present) = zip(1...count / 2, powers).reduce((0.0, 0.0)) { sums, line in
      let share = line.0 == count / 2 ? 1.0 : 2
      return (sums.0 + share * line.1, sums.1 + (line.1 > 0 ? share : 0))
    }
    guard present > 0 else { return lines }
    let magnitude = (total / present).squareRoot()
    for (k, power) in zip(1...count / 2, powers) where power > 0 {
      let line = spectrum[k] * Float(magnitude / power.squareRoot())
      lines.base[k] = line
      lines.base[count - k] = k == count / 2 ? line : Complex(line.x, -line.y)
    }
    return lines
  }
}
