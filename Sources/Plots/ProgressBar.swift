/// A share of a whole as text: `██████▌    58 %`.
package struct ProgressBar {
  /// 0 to 1; what lies outside is drawn as the nearer end.
  package var fraction: Double

  package init(fraction: Double) { self.fraction = fraction }

  /// - Parameter columns: of the whole, the number included; at least 8 are taken.
  package func rendered(columns: Int) -> String {
    let share = fraction.isFinite ? min(max(fraction, 0), 1) : 0
    let cells = max(columns, 8) - 6
    let eighths = Int((share * Double(cells * 8)).rounded(.down))
    let partial = eighths.isMultiple(of: 8) ? "" : ["▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8 - 1]
    let bar = String(repeating: "█", count: eighths / 8) + partial
    let percent = "\(Int((share * 100).rounded(.down)))"
    return bar + String(repeating: " ", count: cells - bar.count + 4 - percent.count) + percent + " %"
  }
}
