import ArgumentParser
import Contracts
import Store
import Terminal

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show who changed what on this gateway, or verify that the log is as it was written.",
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
    print(table.rendered())
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
    commandName: "verify", abstract: "Follow the log's hash chain.",
    discussion: """
      An entry that was edited, or taken out of the middle, breaks it. Exit code 1 when it is broken.

      EXAMPLES
        thrum audit verify
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output

  private struct Report: Encodable {
    let entries: Int
    @OrNull var firstBroken: Int?
  }

  func run() throws {
    gateway.tellStopped(unless: output.json)
    let finding = try gateway.reader().auditFinding()
    if output.json {
      printJSON(Report(entries: finding.entries, firstBroken: finding.firstBroken))
    } else if let broken = finding.firstBroken {
      print("\(Style.bad("broken")): entry \(broken) is not what was written after the one before it")
    } else {
      print("\(Style.good("ok")): \(finding.entries) entries, as they were written")
    }
    if finding.firstBroken != nil { throw ExitStatus(1) }
  }
}
