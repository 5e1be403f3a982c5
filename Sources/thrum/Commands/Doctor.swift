import ArgumentParser
import Configuration
import Terminal

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Examine this gateway: what is wrong, what it means, what to do.",
    discussion: """
      Exit code 0 when nothing is wrong, 1 when something needs mending; warnings alone give 0.

      EXAMPLES
        thrum doctor
        thrum doctor --json | jq '.findings[] | select(.state != "ok")'
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output
  @Option(name: .customLong("config"), help: "The configuration file; THRUM_CONFIG or the system's place when left out.")
  var file: String?

  private struct Report: Encodable { let findings: [Finding] }

  func run() throws {
    let patient = Patient(gateway, configFile: file ?? Paths.current.config)
    let findings = DoctorChecks.all.flatMap { $0.examine(patient) }
    if output.json { printJSON(Report(findings: findings)) } else { show(findings) }
    if findings.contains(where: { $0.state == .error }) { throw ExitStatus(1) }
  }

  private func show(_ findings: [Finding]) {
    for finding in findings {
      print("\(mark(finding.state))  \(finding.group.padded(14))\(finding.words.printable.wrapped(columns: 57, indent: 23))")
      if let remedy = finding.remedy {
        print("\(String(repeating: " ", count: 23))\(Style.faint("-> " + remedy.wrapped(columns: 54, indent: 26)))")
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

extension String {
  fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
