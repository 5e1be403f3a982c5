import ArgumentParser
import ControlPlane
import Glibc
import Terminal

/// The reference control plane: follows every gateway's log, and shows what it knows.
struct ThrumPlane: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "thrum-plane",
    abstract: "Collect what vibration-monitoring gateways report.",
    discussion: """
      One database file holds everything; listing verbs read it while the plane serves, or when it does not.

      EXAMPLES
        thrum-plane serve --broker mqtt://127.0.0.1:1883 --db plane.db
        thrum-plane fleet --db plane.db              how the gateways are
        thrum-plane events --db plane.db --last 20   what they reported
        thrum-plane gaps --db plane.db               what they had to give up
        thrum-plane ledger --db plane.db             what became of every frame
        thrum-plane forks --db plane.db              events that contradict others
        thrum-plane evidence --db plane.db           waveforms around what happened
        thrum-plane acl --db plane.db                the broker's access rules
        thrum-plane models                           which models are published, and where they run
        thrum-plane rollout pumps 1.2.0 --share 1    bring a version to one gateway in a hundred
        thrum-plane report --db plane.db             what it was worth
      """,
    version: "thrum-plane \(version)",
    // THE LIST
    subcommands: [
      Serve.self, Events.self, Fleet.self, Gaps.self, Ledger.self, Forks.self, Evidence.self, ACL.self, Keys.self, Publish.self,
      Approve.self, RolloutCommand.self, Pause.self,
      Rollback.self, Revoke.self, Retire.self, Models.self, Audit.self, Enroll.self, ExportRepository.self, Dataset.self,
      Report.self,
    ])
}

@main
enum Main {
  static func main() { Program.main(ThrumPlane.self) }
}

/// Which plane is meant.
struct PlaneFile: ParsableArguments {
  @Option(name: .customLong("db"), help: ArgumentHelp("The plane's database; or set THRUM_PLANE_DB.", valueName: "FILE"))
  var path = getenv("THRUM_PLANE_DB").map { String(cString: $0) } ?? "/var/lib/thrum-plane/plane.db"

  /// - Parameter gateway: the only one that is asked about; it must have been heard of, or silence would pass for good news.
  func reader(about gateway: String? = nil) throws -> PlaneReader {
    let reader = try PlaneReader(path: path)
    guard let gateway, case let known = Set(try reader.names().map(\.gateway)), !known.contains(gateway) else { return reader }
    throw unknownGateway(gateway, known)
  }

  /// The same for the only fleet that is asked about.
  func reader(aboutFleet fleet: String?) throws -> PlaneReader {
    let reader = try PlaneReader(path: path)
    guard let fleet, case let known = Set(try reader.names().map(\.fleet)), !known.contains(fleet) else { return reader }
    throw UsageError("--fleet \(fleet.printable): no gateway of it was ever heard of; known are \(known.listed)")
  }
}

/// Exit code 2, as every wrong argument.
func unknownGateway(_ name: String, _ known: Set<String>) -> UsageError {
  UsageError(
    "\(name.printable): no such gateway was ever heard of; "
      + (known.isEmpty ? "none has spoken to this plane yet" : "known are \(known.listed)"))
}

struct OutputForm: ParsableArguments {
  @Flag(help: "Print JSON instead of a table.")
  var json = false
}
