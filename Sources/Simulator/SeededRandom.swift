import Glibc

/// SplitMix64 (G. Steele, D. Lea, C. Flood, 2014): the same numbers for the same seed on every machine.
struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Above 0, up to 1.
  private mutating func uniform() -> Double { (Double(next() >> 11) + 1) * 0x1p-53 }

  /// Mean 0, standard deviation 1 (G. Box and M. Muller, 1958).
  mutating func gaussian() -> Double { sqrt(-2 * log(uniform())) * cos(2 * Double.pi * uniform()) }
}
