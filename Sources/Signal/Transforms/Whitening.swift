/// Gives every line of a band the same magnitude and keeps its phase, so that neither resonances nor shaft orders drown the
/// repetition of impacts (P. Borghesani et al., "Application of cepstrum pre-whitening for the diagnosis of bearing faults under
/// variable speed conditions", Mech. Syst. Signal Process. 36, 2013). The band's energy stays, so the unit does.
final class Whitening {
  private let band: ClosedRange<Int>
  private let lines: AlignedArray<Complex>

  init(band: ClosedRange<Int>) throws(SignalError) {
    self.band = band
    lines = try AlignedArray(count: band.upperBound + 1)
  }

  /// - Parameter spectrum: bins 0 … at least the band's last.
  /// - Returns: the band's bins, at their places; valid until the next call.
  func whiten(_ spectrum: UnsafePointer<Complex>) -> UnsafePointer<Complex> {
    var energy = 0.0
    for k in band { energy += Double((spectrum[k] * spectrum[k]).sum()) }
    let magnitude = Float((energy / Double(band.count)).squareRoot())
    for k in band {
      let own = (spectrum[k] * spectrum[k]).sum().squareRoot()
      lines.base[k] = own > 0 ? spectrum[k] * (magnitude / own) : .zero
    }
    return UnsafePointer(lines.base)
  }
}
