/// A spectrum as one page for a browser, complete in itself: nothing is loaded, so it also works from a disk and in an e-mail.
package struct SpectrumPage {
  package var title: String
  /// What has to be said beside the picture.
  package var facts: [Fact]
  /// From 0 on; what is not finite or negative is drawn as 0.
  package var amplitudes: [Float]
  /// From one amplitude to the next, in `axisUnit`.
  package var resolution: Double
  package var unit: String
  package var axisUnit: String
  package var marks: [SpectrumPlot.Mark]

  package struct Fact: Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(
    title: String, facts: [Fact], amplitudes: [Float], resolution: Double, unit: String, axisUnit: String = "Hz",
    marks: [SpectrumPlot.Mark] = []
  ) {
    (self.title, self.facts, self.amplitudes, self.resolution) = (title, facts, amplitudes, resolution)
    (self.unit, self.axisUnit, self.marks) = (unit, axisUnit, marks)
  }

  /// Whatever the texts hold, they are shown as texts; the page may not load anything.
  package func html() -> String {
    let facts = facts.map { "<div><dt>\(Self.escaped($0.name))</dt><dd>\(Self.escaped($0.value))</dd></div>" }.joined()
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(Self.escaped(title))</title>
      <style>\(Self.style)</style></head><body>
      <h1>\(Self.escaped(title))</h1>
      <dl>\(facts)</dl>
      \(Self.controls)
      <canvas id="plot" role="img" aria-label="\(Self.escaped(title))"></canvas>
      <table id="lines"></table>
      <script type="application/json" id="data">\(data)</script>
      <script>\(Self.script)</script>
      </body></html>

      """
  }

  /// JSON within HTML: no `<` is left that could end it.
  private var data: String {
    let numbers = amplitudes.map { $0.isFinite && $0 > 0 ? "\($0)" : "0" }.joined(separator: ",")
    let marks = marks.filter { $0.frequencyHz.isFinite }.map { "[\(Self.quoted($0.name)),\($0.frequencyHz)]" }.joined(
      separator: ",")
    let step = resolution.isFinite && resolution > 0 ? resolution : 1
    return "{\"resolution\":\(step),\"unit\":\(Self.quoted(unit)),\"axis\":\(Self.quoted(axisUnit)),\"marks\":[\(marks)],"
      + "\"amplitude\":[\(numbers)]}"
  }

  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.append(character)
      }
    }
  }

  /// A JSON string; everything but plain characters as \u.
  static func quoted(_ text: String) -> String {
    let units = text.utf16.map { unit in
      let isPlain = (0x20..<0x7F).contains(unit) && !"\"\\<>&'".utf16.contains(unit)
      let digits = String(unit, radix: 16)
      return isPlain ? String(UnicodeScalar(UInt8(unit))) : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    return "\"" + units.joined() + "\""
  }
}
