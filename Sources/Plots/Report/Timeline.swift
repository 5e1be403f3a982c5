/// Something that lasted: a curve between 0 and 1 over it, and when an alarm was on.
package struct Timeline {
  package var title: String
  /// Of the whole, in seconds.
  package var duration: Double
  /// Times in seconds and values from 0 to 1, in order of time.
  package var curve: [UnitChart.Point]
  /// From and to in seconds; `nil`: to the end.
  package var alarms: [[Double?]]
  /// What was labelled afterwards: from and to in seconds.
  package var labelled: [[Double]]

  package init(_ title: String, duration: Double, curve: [UnitChart.Point], alarms: [[Double?]], labelled: [[Double]] = []) {
    (self.title, self.duration, self.curve) = (title, duration, curve)
    (self.alarms, self.labelled) = (alarms, labelled)
  }

  private static let width = 1000.0, height = 90.0, left = 30.0
  /// Points of the curve; of more, the highest of each stretch is drawn.
  private static let mostPoints = 500

  var html: String {
    let name = SpectrumPage.escaped(title)
    return """
      <figure class="long"><figcaption>\(name)</figcaption><div><svg viewBox="0 0 1050 120" role="img" aria-label="\(name)">\
      \(spans)\(frame)\(trace)</svg></div></figure>
      """
  }

  private func x(_ seconds: Double) -> Double {
    Self.left + Self.width * min(max(duration > 0 ? seconds / duration : 0, 0), 1)
  }

  /// Alarms fill the upper four fifths, labels a strip below: colour is not all that tells them apart.
  private var spans: String {
    let alarms = alarms.map {
      span(from: $0.first.flatMap { $0 } ?? 0, to: $0.last.flatMap { $0 } ?? duration, "band", 0, Self.height)
    }
    let labels = labelled.filter { $0.count == 2 }.map { span(from: $0[0], to: $0[1], "label", Self.height, 8) }
    return (alarms + labels).joined()
  }

  private func span(from: Double, to: Double, _ kind: String, _ y: Double, _ height: Double) -> String {
    let (start, end) = (x(from), x(to))
    return
      "<rect class=\"\(kind)\" x=\"\(SVG.number(start))\" y=\"\(y)\" width=\"\(SVG.number(max(1, end - start)))\" height=\"\(height)\"/>"
  }

  private var frame: String {
    let bottom = Self.height
    let ticks = Self.ticks(duration).map { seconds, text in
      "<path class=\"grid\" d=\"M\(SVG.number(x(seconds))) 0V\(bottom)\"/><text x=\"\(SVG.number(x(seconds)))\" y=\"\(bottom + 22)\" text-anchor=\"middle\">\(text)</text>"
    }
    let levels = [(0.0, "0"), (0.5, "½"), (1, "1")].map { level, text in
      "<text x=\"\(Self.left - 5)\" y=\"\(bottom - level * (bottom - 10) + 4)\" text-anchor=\"end\">\(text)</text>"
    }
    return ticks.joined() + levels.joined() + "<path class=\"axis\" d=\"M\(Self.left) 0V\(bottom)H\(Self.left + Self.width)\"/>"
  }

  private var trace: String {
    let points = Self.thinned(curve).filter { $0.x.isFinite && (0...1).contains($0.y) }
    if points.isEmpty { return "" }
    let path = points.map { "\(SVG.number(x($0.x))) \(SVG.number(Self.height - $0.y * (Self.height - 10)))" }
    return "<path class=\"trace\" d=\"M\(path.joined(separator: "L"))\"/>"
  }

  static func thinned(_ curve: [UnitChart.Point]) -> [UnitChart.Point] {
    guard curve.count > mostPoints else { return curve }
    return (0..<mostPoints).compactMap { part in
      curve[curve.count * part / mostPoints..<curve.count * (part + 1) / mostPoints].max { $0.y < $1.y }
    }
  }

  /// At most ten, at round times.
  static func ticks(_ duration: Double) -> [(seconds: Double, text: String)] {
    guard duration > 0, duration.isFinite else { return [] }
    let steps: [Double] = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 43_200, 86_400]
    let step = steps.first { duration / $0 <= 10 } ?? (duration / 10)
    let (unit, name) = step >= 3600 ? (3600.0, "h") : step >= 60 ? (60, "min") : (1, "s")
    return (0...Int(duration / step)).map { count in
      let seconds = Double(count) * step
      return (seconds, Text.significant(seconds / unit, digits: 3) + (count == 0 ? "" : " " + name))
    }
  }
}
