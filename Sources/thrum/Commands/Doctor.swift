import ArgumentParser
import Configuration
import Terminal

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Examine this gateway: what is wrong, what it means, what to do.",
    discussion: """
      Exit code 0 when nothing is wrong, 1 when something needs mending; warnings alone give 0.

      EXAMPLES
        thrum doctor
        thrum doctor --json | jq '.findings[] | select(.state != "ok")'
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output
  @Option(
    name: .customLong("config"), help: "The configuration file; THRUM_CONFIG or the system's place when left out.",
    completion: .file())
  var file: String?

  @Option(help: ArgumentHelp("Where the system's own files are looked for, of an image that is mounted.", valueName: "DIR"))
  var root = ""
  @Option(help: "The systemd unit that runs thrumd; found by the state folder when left out.")
  var unit: String?

  private struct Report: Encodable { let findings: [Finding] }

  func run() throws {
    let system = SystemFiles(root: root.hasSuffix("/") ? String(root.dropLast()) : root)
    let patient = Patient(gateway, configFile: file ?? Paths.current.config, system: system, unit: unit)
    let findings = DoctorChecks.all.flatMap { $0.examine(patient) }
    if output.json { printJSON(Report(findings: findings)) } else { show(findings) }
    if findings.contains(where: { $0.state == .error }) { throw ExitStatus(1) }
  }

  /// Group by group; the whole fits 80 columns.
  private func show(_ findings: [Finding]) {
    var group = ""
    for finding in findings {
      if finding.group != group { print(Style.strong(finding.group)) }
      group = finding.group
      print("  \(mark(finding.state))  \(finding.words.printable.wrapped(columns: 69, indent: 11))")
      if let remedy = finding.remedy {
        print("\(String(repeating: " ", count: 11))\(Style.faint("-> " + remedy.printable.wrapped(columns: 66, indent: 14)))")
      }
    }
    let errors = findings.count { $0.state == .error }
    let warnings = findings.count { $0.state == .warning }
    print("\n\(findings.count) findings: \(errors) to mend, \(warnings) to look at")
  }

  private func mark(_ state: Finding.State) -> String {
    switch state {
    case .ok: Style.good("ok     ")
    case .warning: Style.warning("warning")
    case .error: Style.bad("error  ")
    }
  }
}
