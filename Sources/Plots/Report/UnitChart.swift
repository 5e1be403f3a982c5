/// A drawing whose axes both run from 0 to 1: receiver operating characteristic, precision over recall, reliability.
package struct UnitChart {
  package var title: String
  package var xName: String
  package var yName: String
  /// In order along the curve; what lies outside of 0 to 1, or is not a number, is left out.
  package var points: [Point]
  /// Joined by a line, or single, as large as their weights.
  package var isCurve: Bool
  /// What chance, or perfect calibration, would give.
  package var hasDiagonal: Bool

  package struct Point: Sendable, Equatable {
    package var x, y: Double
    /// 0 to 1; of single points.
    package var weight: Double

    package init(x: Double, y: Double, weight: Double = 1) { (self.x, self.y, self.weight) = (x, y, weight) }
  }

  package init(
    _ title: String, x: String, y: String, _ points: [Point], isCurve: Bool = true, hasDiagonal: Bool = false
  ) {
    (self.title, self.points, self.isCurve, self.hasDiagonal) = (title, points, isCurve, hasDiagonal)
    (xName, yName) = (x, y)
  }

  private static let side = 220.0, left = 50.0, top = 10.0

  var html: String {
    let name = SpectrumPage.escaped(title)
    return """
      <figure><svg viewBox="0 0 285 270" role="img" aria-label="\(name)">\(frame)\(hasDiagonal ? diagonal : "")\(drawing)</svg>
      <figcaption>\(name)</figcaption></figure>
      """
  }

  private var frame: String {
    let (left, right, top, bottom) = (Self.left, Self.left + Self.side, Self.top, Self.top + Self.side)
    let ticks = [0.0, 0.25, 0.5, 0.75, 1].map { part in
      let (x, y) = (SVG.number(left + part * Self.side), SVG.number(bottom - part * Self.side))
      let text = Text.significant(part, digits: 2)
      return "<path class=\"grid\" d=\"M\(x) \(top)V\(bottom)M\(left) \(y)H\(right)\"/>"
        + "<text x=\"\(x)\" y=\"\(bottom + 14)\" text-anchor=\"middle\">\(text)</text>"
        + "<text x=\"\(left - 5)\" y=\"\(y)\" text-anchor=\"end\" dy=\"4\">\(text)</text>"
    }
    return ticks.joined() + "<path class=\"axis\" d=\"M\(left) \(top)V\(bottom)H\(right)\"/>"
      + "<text x=\"\(left + Self.side / 2)\" y=\"\(bottom + 32)\" text-anchor=\"middle\">\(SpectrumPage.escaped(xName))</text>"
      + "<text transform=\"translate(10 \(top + Self.side / 2)) rotate(-90)\" text-anchor=\"middle\">\(SpectrumPage.escaped(yName))</text>"
  }

  private var diagonal: String {
    "<path class=\"chance\" d=\"M\(Self.left) \(Self.top + Self.side)L\(Self.left + Self.side) \(Self.top)\"/>"
  }

  private var drawing: String {
    let inside = points.filter { (0...1).contains($0.x) && (0...1).contains($0.y) }
    let places = inside.map { point in
      (SVG.number(Self.left + point.x * Self.side), SVG.number(Self.top + (1 - point.y) * Self.side))
    }
    if isCurve {
      return places.isEmpty ? "" : "<path class=\"curve\" d=\"M\(places.map { "\($0.0) \($0.1)" }.joined(separator: "L"))\"/>"
    }
    return zip(places, inside).map { place, point in
      let radius = SVG.number(2.5 + 6 * min(max(point.weight, 0), 1).squareRoot())
      return "<circle class=\"dot\" cx=\"\(place.0)\" cy=\"\(place.1)\" r=\"\(radius)\"/>"
    }.joined()
  }
}

enum SVG {
  /// To a tenth of a pixel.
  static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    return "\((value * 10).rounded() / 10)"
  }
}
