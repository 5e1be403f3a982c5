extension Double {
  /// Three digits, for sentences.
  package var short: String {
    guard isFinite, abs(self) < 1e6 else { return "\(self)" }
    let factor = abs(self) >= 100 ? 1.0 : abs(self) >= 10 ? 10 : 100
    let rounded = (self * factor).rounded() / factor
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
