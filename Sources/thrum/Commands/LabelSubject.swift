import ArgumentParser
import Contracts
import Terminal

struct LabelSubject: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Say what an alarm was, or what a point does: good, bad or unsure.",
    discussion: """
      good: the machine was healthy. bad: there was a fault, named with --fault where it is known. unsure: it stays in `thrum review`. \
      Closed alarms are labelled too; the last word counts. Needs the daemon, and the role operator.

      EXAMPLES
        thrum label pump-7#1 bad --fault outer --note 'spall on the outer race, bearing changed'
        thrum label pump-7#2 good --note 'forklift passed'
        thrum label pump-7/drive-end unsure
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: "An alarm's id, or machine/point.", completion: Completions.subjects)
  var id: String
  @Argument(help: "good, bad or unsure.")
  var word: Label.Word
  @Option(
    help: "The fault: \(Label.faults.joined(separator: ", ")).",
    completion: .list(Label.faults))
  var fault: String?
  @Option(help: "What was found.")
  var note: String?

  func run() throws {
    let row = try daemon.ask(Label(subject: id, label: word, fault: fault, note: note))
    if output.json { return printJSON(row) }
    print(
      "\(row.subject.printable): \(row.label.rawValue)" + (row.fault.map { " (\($0.printable))" } ?? "")
        + ", by \(row.by.printable)")
  }
}

extension Label.Word: ExpressibleByArgument {}
