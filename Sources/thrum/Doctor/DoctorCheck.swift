import Configuration
import Contracts

/// One thing the doctor looks at. A new check is a new file and a line in THE LIST.
protocol DoctorCheck: Sendable {
  static func examine(_ patient: Patient) -> [Finding]
}

enum DoctorChecks {
  /// THE LIST, in the order it is printed.
  static let all: [any DoctorCheck.Type] = [
    ConfigurationCheck.self, DaemonCheck.self, DiskCheck.self, StoreCheck.self, ClockCheck.self, BrokerCheck.self,
    SourcesCheck.self, PointsCheck.self, AlarmsCheck.self, SocketCheck.self, UplinkCheck.self,
  ]
}

/// What a check saw, what it means, and what to do.
struct Finding: Encodable {
  enum State: String, Encodable { case ok, warning, error }

  var group: String
  var state: State
  var words: String
  /// What to do; `nil` when nothing is to be done.
  var remedy: String?

  static func ok(_ group: String, _ words: String) -> Self { Self(group: group, state: .ok, words: words) }
  static func warning(_ group: String, _ words: String, remedy: String) -> Self {
    Self(group: group, state: .warning, words: words, remedy: remedy)
  }
  static func error(_ group: String, _ words: String, remedy: String) -> Self {
    Self(group: group, state: .error, words: words, remedy: remedy)
  }
}

/// The gateway as the doctor finds it: what could not be had is `nil`, and a check of its own says why.
struct Patient {
  let configFile: String
  let config: Result<ThrumConfig, ConfigError>
  let folder: String
  let report: Result<StatusReport, any Error>
  let alarms: Result<AlarmRecord, any Error>
  let socket: String

  init(_ gateway: Gateway, configFile: String) {
    self.configFile = configFile
    folder = gateway.folder
    socket = gateway.socket
    alarms = Result { try AlarmRecord(try gateway.reader()) }
    config = Result { () throws(ConfigError) in try ConfigFile.read(configFile) }
    report = Result { try gateway.status() }
  }
}
