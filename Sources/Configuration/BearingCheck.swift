extension TableReader {
  /// What four multiples of one bearing must satisfy, whatever its size: bpfo + bpfi = balls, ftf = bpfo / balls, and, with
  /// r = 1 − 2 ftf, bsf = (1 − r²) / 2r without contact angle (less with one).
  func reportInconsistency(bpfo: Double, bpfi: Double, bsf: Double, ftf: Double) {
    let balls = (bpfo + bpfi).rounded()
    guard balls >= 3, abs(bpfo + bpfi - balls) <= 0.02 * balls else {
      report("bpfo", "bpfo + bpfi is the number of balls, expected a whole number from 3 on, got \(bpfo + bpfi)")
      return
    }
    if abs(ftf * balls / bpfo - 1) > 0.05 {
      report("ftf", "expected bpfo / balls = \(rounded(bpfo / balls)), got \(ftf)")
      return
    }
    let ratio = 1 - 2 * ftf
    guard ratio > 0 else { return report("ftf", "expected less than 0.5, got \(ftf)") }
    let oneTurn = (1 - ratio * ratio) / (2 * ratio)
    if abs(bsf / (2 * oneTurn) - 1) <= 0.05 {
      report("bsf", "\(bsf) looks like 2 x BSF; give one turn of the rolling element, \(rounded(bsf / 2))")
    }
  }

  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
