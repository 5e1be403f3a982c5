import Contracts
import Signal

/// What the store must be told when it is opened.
package struct StoreSettings: Sendable {
  package var origin: EventOrigin
  /// Of the daemon, as `thrum status` shows it.
  package var version: String
  package var startedAt: UnixTime
  /// Hash of the machine id and the hardware: a store that finds itself elsewhere starts a new epoch.
  package var binding: [UInt8]
  /// Database and write-ahead log together; beyond it commits fail as `full`.
  package var maxBytes = 536_870_912
  package var maxAgeDays = 90
  /// Takes all of `maxBytes` from the disk at once, so that nobody else can.
  package var preallocate = false
  /// A plane is told of trends, ledgers and samples for training; otherwise they would only take room.
  package var feedsPlane = false
  /// Waveforms around warnings and alarms are kept; those that somebody asked for always are.
  package var keepsEvidence = true
  /// `WaveformBox.keyBytes` long: evidence and samples are sealed by it; `nil`: they are not.
  package var evidenceKey: [UInt8]?
  /// How long a commit waits for somebody else's write lock.
  package var busyTimeoutMilliseconds = 1000

  package init(origin: EventOrigin, version: String, startedAt: UnixTime, binding: [UInt8]) {
    self.origin = origin
    self.version = version
    self.startedAt = startedAt
    self.binding = binding
  }

  /// A row a minute at most.
  var trendRowsPerPoint: Int { maxAgeDays * 24 * 60 }
}
