/// The window that gathers nearly as much of a tone's energy close to it as any can (J. F. Kaiser, R. W. Schafer, IEEE Trans.
/// Acoust. Speech Signal Process. 28, 1980; the bound: D. Slepian, Bell Syst. Tech. J. 57, 1978).
enum KaiserWindow {
  /// Periodic, as SciPy's `kaiser(count, beta, sym=False)`.
  static func weights(count: Int, beta: Double) -> [Float] {
    let edge = besselI0(beta)
    return (0..<count).map { n in
      let place = 2 * Double(n) / Double(count) - 1
      return Float(besselI0(beta * (1 - place * place).squareRoot()) / edge)
    }
  }

  /// Modified Bessel function of the first kind: Σ ((x/2)^k / k!)², exact for x up to 20.
  static func besselI0(_ x: Double) -> Double {
    var (term, sum) = (1.0, 1.0)
    for k in 1...40 {
      term *= x / (2 * Double(k))
      sum += term * term
    }
    return sum
  }
}
