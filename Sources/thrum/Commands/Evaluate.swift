import Anomaly
import ArgumentParser
import Glibc
import Plots
import Recordings
import Terminal

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Learn from healthy recordings, judge the others, and count what was found.",
    discussion: """
      The manifest says which file holds what. Labels are looked at only when the figures are added up.

      EXAMPLES
        thrum evaluate --manifest recordings/manifest.csv
        thrum evaluate --manifest recordings/manifest.csv --window 4096 --json
        thrum evaluate --manifest recordings/manifest.csv --robustness --report evaluation.html
      """)

  @Option(help: "A table of recordings, a row a file.")
  var manifest: String
  @Option(help: "Samples of a window; shorter snapshots are windows of their own.")
  var window = 2048
  @Option(help: "Part of a window that the next one looks at again.")
  var overlap = 0.5
  @Flag(help: "Judge disturbed copies of the recordings too: noise, gaps, gain, clipping, wrong rate, strange signals.")
  var robustness = false
  @Option(help: "Write a page for a browser, complete in itself, to this file.")
  var report: String?
  @OptionGroup var output: Output

  func validate() throws {
    guard (64...65_536).contains(window), window % 2 == 0 else {
      throw ValidationError("--window \(window): expected an even number from 64 to 65536")
    }
    guard (0...0.9).contains(overlap) else { throw ValidationError("--overlap \(overlap): expected 0 to 0.9") }
  }

  func run() throws {
    let rows = try EvaluationRows(manifest)
    rows.skipped.forEach { complain("thrum evaluate: skipped \($0.file): \($0.reason)") }
    for group in rows.groupsWithoutBaseline {
      complain("thrum evaluate: group \(group) is not judged: none of its rows has the role baseline; give it to a healthy one")
    }
    var settings = EvaluationSettings()
    (settings.windowSamples, settings.overlap, settings.isRobustness) = (window, overlap, robustness)
    let evaluation = Evaluation(of: rows.rows, tables: rows.tables, settings, progress: progress)
    if let report {
      let page = EvaluationReport.page(evaluation, manifest: manifest, version: version)
      try OutputFile.write(Array(page.html().utf8), to: report)
    }
    if output.json { return printJSON(evaluation) }
    print(EvaluationTables.text(evaluation))
    if let report { print("wrote \(report.printable)") }
  }

  /// For people who wait; a log would fill with it.
  private func progress(_ what: String) {
    if isatty(STDERR_FILENO) == 1 { complain("thrum evaluate: judging \(what.printable)") }
  }
}
