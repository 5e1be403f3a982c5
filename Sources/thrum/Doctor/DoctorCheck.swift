import Configuration
import Contracts
import Signal
import Store
import Terminal

/// One group of things the doctor looks at. A new one is a new file and a line in THE LIST.
protocol DoctorCheck: Sendable {
  static func examine(_ patient: Patient) -> [Finding]
}

enum DoctorChecks {
  /// THE LIST, in the order it is printed.
  static let all: [any DoctorCheck.Type] = [
    ConfigurationCheck.self, DaemonCheck.self, SystemdCheck.self, ClockCheck.self, DiskCheck.self, StoreCheck.self,
    PermissionsCheck.self, SocketCheck.self, PageCheck.self, BrokerCheck.self, CertificatesCheck.self, TopicsCheck.self,
    SourcesCheck.self,
    PointsCheck.self, BaselinesCheck.self, ModelsCheck.self, AlarmsCheck.self, UplinkCheck.self, MachineRoomCheck.self,
  ]
}

/// What a check saw, what it means, and what to do.
struct Finding: Encodable {
  enum State: String, Encodable { case ok, warning, error }

  /// `disk.space`: the group, and what in it was looked at. Names stay.
  var check: String
  var group: String
  var state: State
  var words: String
  /// What to do; `nil` when nothing is to be done.
  var remedy: String?

  private init(_ check: String, _ state: State, _ words: String, _ remedy: String?) {
    self.check = check
    group = String(check.prefix { $0 != "." })
    (self.state, self.words, self.remedy) = (state, words, remedy)
  }

  static func ok(_ check: String, _ words: String) -> Self { Self(check, .ok, words, nil) }
  static func warning(_ check: String, _ words: String, remedy: String) -> Self { Self(check, .warning, words, remedy) }
  static func error(_ check: String, _ words: String, remedy: String) -> Self { Self(check, .error, words, remedy) }
}

/// The gateway as the doctor finds it: what could not be had is `nil`, and a check of its own says why.
struct Patient {
  let configFile: String
  let config: Result<ThrumConfig, ConfigError>
  let folder: String
  let report: Result<StatusReport, any Error>
  let reader: StoreReader?
  /// What the daemon last wrote of itself.
  let record: DaemonRecord?
  let daemonPID: Int32?
  let alarms: Result<AlarmRecord, any Error>
  let socket: String
  let system: SystemFiles
  let unit: SystemdUnit?
  /// `nil`: it was not visited.
  let broker: BrokerVisit?
  let now = UnixTime.now

  init(_ gateway: Gateway, configFile: String, system: SystemFiles, unit: String?) {
    self.configFile = configFile
    self.system = system
    folder = gateway.folder
    socket = gateway.socket
    reader = try? gateway.reader()
    record = try? reader?.daemon()
    daemonPID = StoreReader.daemonPID(folder: gateway.folder)
    alarms = Result { try AlarmRecord(try gateway.reader()) }
    config = Result { () throws(ConfigError) in try ConfigFile.read(configFile) }
    report = Result { try gateway.status() }
    self.unit = (unit ?? SystemdUnit.name(ofStateFolder: gateway.folder)).flatMap(SystemdUnit.init(asking:))
    let heard = (try? report.get())?.points ?? []
    broker = (try? config.get()).flatMap { BrokerVisit.byDaemon($0, file: configFile, heard: heard) }
  }

  var isRunning: Bool { daemonPID != nil }
}
