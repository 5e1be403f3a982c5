import ArgumentParser
import Contracts
import Store
import Terminal

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Show who changed what on this gateway, or verify that the log is as it was written.",
    discussion: """
      EXAMPLES
        thrum audit
        thrum audit verify
      """,
    subcommands: [AuditList.self, AuditVerify.self], defaultSubcommand: AuditList.self)
}

struct AuditList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the newest entries.",
    discussion: """
      EXAMPLES
        thrum audit
        thrum audit list --last 100 --json
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output
  @Option(help: "Only the newest N.")
  var last = 50

  func validate() throws {
    if last < 1 { throw ValidationError("--last \(last): expected 1 or more") }
  }

  func run() throws {
    gateway.tellStopped(unless: output.json)
    let rows = try gateway.reader().audit(newest: last)
    if output.json {
      for row in rows { printJSON(row) }
      return
    }
    guard !rows.isEmpty else { return print("Nobody has changed anything yet.") }
    var table = Table(["time", "who", "role", "what", "of"])
    for row in rows { table.add(row.at.local, row.by, row.role.rawValue, row.call, Request(row).words) }
    print(table.rendered(within: Screen.columns))
  }
}

/// What a call was about; all of it is in the JSON.
private struct Request: Decodable {
  var alarm, point, subject: String?

  init(_ row: AuditRow) { self = (try? JSON.decode(Self.self, from: row.request.utf8)) ?? Self() }
  private init() {}
}

extension Request {
  fileprivate var words: String { alarm ?? point ?? subject ?? "-" }
}

struct AuditVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Follow the hash chains of the audit log and of the prediction log.",
    discussion: """
      An entry that was edited, or taken out of the middle, breaks it. Exit code 1 when one is broken. Whoever can write the file can \
      chain it anew; the prediction log's heads are with the plane, among its events (org.thrum.predictions.head.v1).

      EXAMPLES
        thrum audit verify
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output

  private struct Report: Encodable {
    let entries: Int
    @OrNull var firstBroken: Int?
    let predictions: Predictions

    struct Predictions: Encodable {
      let entries: Int
      @OrNull var firstBroken: Int?
    }
  }

  func run() throws {
    gateway.tellStopped(unless: output.json)
    let reader = try gateway.reader()
    let (audit, predictions) = (try reader.auditFinding(), try reader.predictionFinding())
    if output.json {
      printJSON(
        Report(
          entries: audit.entries, firstBroken: audit.firstBroken,
          predictions: .init(entries: predictions.entries, firstBroken: predictions.firstBroken)))
    } else {
      print("audit log: \(Self.words(audit))\nprediction log: \(Self.words(predictions))")
    }
    if audit.firstBroken != nil || predictions.firstBroken != nil { throw ExitStatus(1) }
  }

  private static func words(_ finding: AuditFinding) -> String {
    guard let broken = finding.firstBroken else {
      return "\(Style.good("ok")), \(finding.entries) entries, as they were written"
    }
    return "\(Style.bad("broken")), entry \(broken) is not what was written after the one before it"
  }
}
