import Glibc

/// A small generator whose sequence is the same everywhere, so that what is learned or simulated depends on its seed alone.
/// (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.)
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in 0 ..< 1, 53 bits.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// 0 ..< `count`; the bias of at most count/2⁶⁴ does not matter here.
  package mutating func index(below count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(count)).high) }

  /// Mean 0, standard deviation 1 (G. Box and M. Muller, 1958).
  package mutating func gaussian() -> Double {
    let radius = sqrt(-2 * log((Double(next() >> 11) + 1) * 0x1p-53))
    return radius * cos(2 * Double.pi * (Double(next() >> 11) + 1) * 0x1p-53)
  }
}
