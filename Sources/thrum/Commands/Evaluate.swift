import Anomaly
import ArgumentParser
import Glibc
import Recordings
import Terminal

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Learn from healthy recordings, judge the others, and count what was found.",
    discussion: """
      The manifest says which file holds what. Labels are looked at only when the figures are added up.

      EXAMPLES
        thrum evaluate --manifest recordings/manifest.csv
        thrum evaluate --manifest recordings/manifest.csv --window 4096 --json
      """)

  @Option(help: "A table of recordings, a row a file.")
  var manifest: String
  @Option(help: "Samples of a window; shorter snapshots are windows of their own.")
  var window = 2048
  @Option(help: "Part of a window that the next one looks at again.")
  var overlap = 0.5
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
    (settings.windowSamples, settings.overlap) = (window, overlap)
    let evaluation = Evaluation(of: rows.rows, tables: rows.tables, settings) { group in
      if isatty(STDERR_FILENO) == 1 { complain("thrum evaluate: judging \(group)") }
    }
    if output.json { return printJSON(evaluation) }
    print(EvaluationTables.text(evaluation))
  }
}
