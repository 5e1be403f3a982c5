import Terminal

/// Refuses what is no number, or out of range.
func expect(_ option: String, _ value: Double, in range: ClosedRange<Double>) throws {
  guard range.contains(value) else {
    throw UsageError("\(option) \(plain(value)): expected \(plain(range.lowerBound)) to \(plain(range.upperBound))")
  }
}

/// Without a fraction where there is none.
func plain(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
