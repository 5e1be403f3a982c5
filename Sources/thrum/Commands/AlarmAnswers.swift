import ArgumentParser
import Contracts
import Signal
import Terminal

struct Ack: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ack", abstract: "Acknowledge an alarm: you have seen it and take care of it.",
    discussion: """
      An alarm that is gone already is closed by it. Needs the daemon, and the role operator.

      EXAMPLES
        thrum ack pump-7#1
        thrum ack pump-7#1 --note 'bearing ordered, checked twice a day'
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: "An alarm's id, as `thrum alarms` lists them.", completion: Completions.alarms)
  var id: String
  @Option(help: "What was found, or is done about it.")
  var note: String?

  func run() throws { show(try daemon.ask(Acknowledge(alarm: id, note: note)), output) }
}

struct ShelveAlarm: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shelve",
    abstract: "Put an alarm aside for a time: its points raise nothing meanwhile.",
    discussion: """
      It comes back by itself when the time is over, and is told then. What its points do meanwhile is recorded. Another point of the \
      machine still raises it. Needs the daemon, and the role operator.

      EXAMPLES
        thrum shelve pump-7#1 --for 8h
        thrum shelve pump-7#1 --for 2d --note 'spare part comes on Thursday'
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: "An alarm's id, as `thrum alarms` lists them.", completion: Completions.alarms)
  var id: String
  @Option(name: .customLong("for"), help: "How long: 30m, 8h, 2d; at most 30d.")
  var time: TimeSpan
  @Option(help: "Why.")
  var note: String?

  func run() throws { show(try daemon.ask(Shelve(alarm: id, forS: time.seconds, note: note)), output) }
}

struct UnshelveAlarm: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unshelve",
    abstract: "Take a shelved alarm back before its time is over.",
    discussion: """
      EXAMPLES
        thrum unshelve pump-7#1
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: "An alarm's id, as `thrum alarms` lists them.", completion: Completions.alarms)
  var id: String

  func run() throws { show(try daemon.ask(Unshelve(alarm: id)), output) }
}

/// An alarm after somebody's word.
private func show(_ reply: AlarmReply, _ output: Output) {
  if output.json { return printJSON(reply) }
  let alarm = reply.alarm
  let until = alarm.suppressedUntil.flatMap(UnixTime.init(rfc3339:)).map { " until \($0.local)" } ?? ""
  print("\(Style.strong(alarm.id.printable)): \(alarm.state)\(until)")
}
