import Glibc

/// Weights of a segment before its transform, periodic as for SciPy's `get_window`.
package enum SpectrumWindow: String, Sendable, CaseIterable, Encodable {
  /// Parts lines that are near to each other; a tone between two bins reads up to 15 % low.
  case hann
  /// Reads a tone right within 0.12 % wherever it lies from 4.5 bins on, and parts lines less well (G. D'Antona, A. Ferrero, "Digital Signal
  /// Processing for Measurement Systems", 2006: five terms, as SciPy's `flattop`).
  case flattop
  /// None: what the envelope's spectrum uses.
  case rectangular

  /// w[n] = Σ (−1)^j · a_j · cos(2πjn / count).
  private var terms: [Double] {
    switch self {
    case .hann: [0.5, 0.5]
    case .flattop: [0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368]
    case .rectangular: [1]
    }
  }

  /// Bins to either side of a tone's own that still hold some of it.
  package var lobeBins: Int { terms.count }

  package func weights(_ count: Int) -> [Double] {
    let terms = terms
    return (0..<count).map { n in
      let angle = 2 * Double.pi * Double(n) / Double(count)
      var (weight, sign) = (0.0, 1.0)
      for j in terms.indices {
        weight += sign * terms[j] * cos(Double(j) * angle)
        sign = -sign
      }
      return weight
    }
  }

  /// Σ w / count: what a tone is weakened by.
  package var coherentGain: Double { terms[0] }
}
