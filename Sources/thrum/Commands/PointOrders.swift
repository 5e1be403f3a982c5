import ArgumentParser
import Contracts
import Signal
import Terminal

struct OutOfService: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "out-of-service", abstract: "Take a point out of service: it raises no alarm and learns nothing.",
    discussion: """
      For a sensor that is broken or a machine that is worked on. What it measures is still recorded. Without --for it stays out until \
      `thrum in-service POINT`. Needs the daemon, and the role operator.

      EXAMPLES
        thrum out-of-service pump-7/drive-end --note 'sensor loose'
        thrum out-of-service pump-7/drive-end --for 4h
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: "machine/point, as `thrum points` lists them.", completion: Completions.points)
  var point: String
  @Option(name: .customLong("for"), help: "How long: 30m, 8h, 2d; at most 366d.")
  var time: TimeSpan?
  @Option(help: "Why.")
  var note: String?

  func run() throws { show(try daemon.ask(TakeOutOfService(point: point, forS: time?.seconds, note: note)), output) }
}

struct InService: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "in-service", abstract: "Put a point back into service; what stands against it is raised again.",
    discussion: """
      EXAMPLES
        thrum in-service pump-7/drive-end
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: "machine/point, as `thrum points` lists them.", completion: Completions.points)
  var point: String

  func run() throws { show(try daemon.ask(PutInService(point: point)), output) }
}

struct Maintenance: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maintenance", abstract: "Note that somebody worked on a machine.",
    discussion: """
      With --reset-baseline what was learned of the point is forgotten and learned anew, also where its learning was stopped: after a \
      repair healthy sounds different. Its alarm is withdrawn then. Needs the daemon, and the role operator.

      EXAMPLES
        thrum maintenance pump-7/drive-end --note 'new bearing 6313' --reset-baseline
        thrum maintenance pump-7/drive-end --note 'greased'
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: "machine/point, as `thrum points` lists them.", completion: Completions.points)
  var point: String
  @Option(help: "What was done.")
  var note: String
  @Flag(help: "Forget what was learned of the point, and learn it anew.")
  var resetBaseline = false

  func run() throws {
    let reply = try daemon.ask(Maintain(point: point, note: note, resetBaseline: resetBaseline))
    show(reply, output, done: resetBaseline ? "noted, and what was learned is forgotten; " : "noted; ")
  }
}

struct LearnPoint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Start, stop or reset a point's learning.",
    discussion: """
      stop: collects no more healthy windows, and of a learned point no more of its healthy decisions, until it is told to start. \
      reset: forgets baseline and model, and begins anew, also where learning was stopped. Needs the daemon, and the role operator.

      EXAMPLES
        thrum learn pump-7/drive-end stop
        thrum learn pump-7/drive-end start
        thrum learn pump-7/drive-end reset
      """)

  @OptionGroup var daemon: Daemon
  @OptionGroup var output: Output
  @Argument(help: "machine/point, as `thrum points` lists them.", completion: Completions.points)
  var point: String
  @Argument(help: "start, stop or reset.")
  var action: Learn.Action

  func run() throws { show(try daemon.ask(Learn(point: point, action: action)), output) }
}

extension Learn.Action: ExpressibleByArgument {}

/// A point after somebody's word.
/// - Parameter done: what was done beside its present state.
private func show(_ reply: PointReply, _ output: Output, done: String = "") {
  if output.json { return printJSON(reply) }
  var words = "\(reply.machine)/\(reply.point)".printable + ": " + done
  if let suppression = reply.suppression {
    let until = suppression.until.flatMap(UnixTime.init(rfc3339:)).map { "until \($0.local)" } ?? "until it is put back"
    words += "\(suppression.reason.replacing("_", with: " ")) \(until)"
  } else {
    words += "in service"
  }
  words += ", baseline \(reply.baseline.state)"
  if reply.baseline.state == "learning" { words += " \(Int(reply.baseline.progress * 100)) %" }
  print(words + (reply.baseline.stoppedBy.map { ", learning stopped by \($0.printable)" } ?? ""))
}
