import Anomaly
import ArgumentParser
import Configuration
import Contracts
import Signal
import Store
import Terminal

struct Bundle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle", abstract: "Put what somebody needs who helps from afar into one archive, without secrets.",
    discussion: """
      A tar of texts: what the doctor finds, status, alarms, the newest events, the configuration redacted, the journal, the system's \
      versions. No waveform, no password, no key; names of users, hosts and credential files become ***. Look into it: tar -tvf FILE.

      EXAMPLES
        thrum bundle -o /tmp/gw-1.tar
      """)

  @OptionGroup var gateway: Gateway
  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write; one of that name is replaced.", valueName: "FILE"))
  var output: String
  @Option(
    name: .customLong("config"), help: "The configuration file; THRUM_CONFIG or the system's place when left out.",
    completion: .file())
  var file: String?

  func run() throws {
    let path = file ?? Paths.current.config
    let redaction = Redaction(configuration: path)
    let texts = contents(path).map { (name: $0.name, text: redaction.applied(to: $0.text)) }
    try OutputFile.write(TarArchive.bytes(folder: "thrum-bundle", texts), to: output)
    print("\(output.printable): \(texts.count) texts, without secrets; look into it before you send it")
  }

  private func contents(_ path: String) -> [(name: String, text: String)] {
    let patient = Patient(gateway, configFile: path, system: SystemFiles(root: ""), unit: nil)
    let findings = DoctorChecks.all.flatMap { $0.examine(patient) }
    let settings = (try? ConfigShow.entries(path, effective: true, redact: true)).map(ConfigShow.text)
    let problems =
      if case .failure(let error) = patient.config { error.problems.map { "\($0)" }.joined(separator: "\n") } else { "" }
    return [
      ("doctor.txt", findings.map { "\($0.state.rawValue)  \($0.check)  \($0.words)  \($0.remedy ?? "")\n" }.joined()),
      ("status.json", (try? gateway.status()).map { JSON.text($0) } ?? "no store can be read"),
      (
        "alarms.txt",
        (try? patient.reader?.alarms(newest: 200)).map {
          $0.map { "\($0.id) \($0.state.rawValue) \($0.raisedAt.rfc3339)\n" }.joined()
        } ?? ""
      ),
      (
        "events.txt",
        (try? patient.reader?.events(newest: 500)).map {
          $0.map { "\($0.time.rfc3339) \($0.lane.rawValue) \($0.type) \($0.subject)\n" }.joined()
        } ?? ""
      ),
      ("incidents.txt", (try? patient.reader?.incidents()).map { $0.map { "\($0.time.rfc3339) \($0.words)\n" }.joined() } ?? ""),
      ("config.toml", settings ?? problems),
      ("version.txt", "thrum \(version)\n"),
      (
        "system.txt",
        ["/etc/os-release", "/proc/meminfo", "/proc/loadavg"].map { patient.system.text($0) ?? "" }.joined(separator: "\n")
      ),
      ("journal.txt", thrumJournal(patient)),
    ]
  }

  private func thrumJournal(_ patient: Patient) -> String {
    patient.unit.flatMap { printed(by: "journalctl -q -u '\($0.name)' -n 1000 -o short-iso --no-pager") } ?? "no unit of systemd"
  }
}
