import ArgumentParser
import Contracts
import Glibc
import Store
import Terminal

struct Events: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "List what happened, as it goes to the control plane.",
    discussion: """
      With --json a CloudEvent a line, the very bytes that are sent. A time with ? is in doubt: the clock showed one \
      that cannot be, or nothing on this gateway keeps time while it is off. One with * was put right when the clock became known.

      EXAMPLES
        thrum events --last 20
        thrum events --lane alarm --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output
  @Option(help: "Only this lane: alarm, event, trend, evidence or sample; alarm and event by default.")
  var lane: String?
  @Option(help: "Only the newest N.")
  var last: Int?

  func validate() throws {
    if let lane, Lane(rawValue: lane) == nil {
      throw ValidationError("--lane \(lane): expected one of \(Lane.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if let last, last < 1 { throw ValidationError("--last \(last): expected 1 or more") }
  }

  func run() throws {
    gateway.tellStopped(unless: output.json)
    let events = try gateway.reader().events(newest: last ?? .max, of: lane.flatMap(Lane.init(rawValue:))).reversed()
    if output.json {
      for event in events { print(String(decoding: event.bytes, as: UTF8.self)) }
      return
    }
    guard !events.isEmpty else { return print("Nothing has happened yet.") }
    var table = Table(["time", "lane", "no.", "what", "subject", "sent"], numbers: [2])
    for event in events {
      table.add(
        event.time.local + mark(event.clock), event.lane.rawValue, "\(event.sequence)",
        EventType.words(event.type), event.subject,
        event.isDelivered ? "yes" : "no")
    }
    print(table.rendered(within: Screen.columns, expendable: [2, 1]))
    for line in legend(events.map { mark($0.clock) }) { print(line) }
  }

  /// A clock that a battery kept going is believed until it leaps, though nobody vouches for it.
  private func mark(_ clock: ClockMark?) -> String {
    switch clock {
    case nil: ""
    case .unvouched: Self.hasHardwareClock ? "" : " ?"
    case .inDoubt: " ?"
    case .putRight: " *"
    }
  }

  private func legend(_ marks: [String]) -> [String] {
    let lines = [
      marks.contains(" ?") ? "? the clock was in doubt" : nil,
      marks.contains(" *") ? "* put right when the clock became known" : nil,
    ].compactMap { $0 }
    return lines.isEmpty ? [] : [""] + lines
  }

  private static let hasHardwareClock = access("/sys/class/rtc/rtc0", F_OK) == 0
}
