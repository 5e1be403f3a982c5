import ArgumentParser
import Contracts
import ControlPlane
import Glibc
import Terminal

struct Events: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "List what the gateways reported, in order of arrival.",
    discussion: """
      With --json a CloudEvent a line, the very bytes the gateway stored.

      EXAMPLES
        thrum-plane events --db plane.db --last 20
        thrum-plane events --db plane.db --gateway gw-1 --lane alarm --json
        thrum-plane events --db plane.db --follow
      """)

  @OptionGroup var file: PlaneFile
  @OptionGroup var output: OutputForm
  @Option(help: "Only this gateway.")
  var gateway: String?
  @Option(help: "Only this lane: alarm, event, trend, evidence or sample; alarm and event by default.")
  var lane: String?
  @Option(help: "Only the newest N.")
  var last: Int?
  @Flag(help: "Go on with what arrives, until interrupted.")
  var follow = false

  func validate() throws {
    if let lane, Lane(rawValue: lane) == nil {
      throw ValidationError("--lane \(lane): expected one of \(Lane.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if let last, last < 1 { throw ValidationError("--last \(last): expected 1 or more") }
  }

  func run() throws {
    let reader = try follow ? PlaneReader(path: file.path) : file.reader(about: gateway)
    let selection = PlaneReader.Selection(gateway: gateway, lane: lane.flatMap(Lane.init(rawValue:)))
    var row = try last.map { try reader.row(beforeNewest: $0, of: selection) } ?? 0
    var isFirst = true
    repeat {
      let events = try reader.events(selection, beyond: row, limit: 1000)
      try show(events, heading: isFirst)
      (row, isFirst) = (events.last?.row ?? row, false)
      if events.isEmpty {
        guard follow else { return }
        usleep(500_000)
      }
    } while true
  }

  private func show(_ events: [PlaneReader.Event], heading: Bool) throws {
    if output.json {
      for event in events { print(line(event)) }
    } else if events.isEmpty {
      if heading { print("Nothing has been reported yet.") }
    } else {
      print(table(events, heading: heading))
    }
    try StandardOutput.flush()
  }

  /// An event that is no JSON travels as text in one.
  private func line(_ event: PlaneReader.Event) -> String {
    let text = String(decoding: event.bytes, as: UTF8.self)
    return event.isReadable ? text : JSON.text(["unreadable": text])
  }

  private func table(_ events: [PlaneReader.Event], heading: Bool) -> String {
    var table = Table(["time", "gateway", "what", "subject"])
    for event in events {
      table.add([
        .init(event.time?.local ?? "unknown"), .init(event.gateway),
        .init(EventType.words(event.type), event.lane == .alarm ? .bad : nil),
        .init(event.subject),
      ])
    }
    let lines = table.rendered()
    return heading ? lines : String(lines.split(separator: "\n", maxSplits: 1)[1])
  }
}
