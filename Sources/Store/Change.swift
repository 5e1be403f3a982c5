import Anomaly
import Contracts
import Signal

/// What is to become durable together: all of it, or none.
package struct Change: Sendable {
  package var points: [PointOutcome] = []
  /// The gateway's own, numbered with those of the points in order of arrival.
  package var occurrences: [Occurrence] = []
  package var models: [StoredModel] = []
  /// To be added to the ledger of what belongs to no point.
  package var unassigned = Ledger()
  package var session: SessionChange?
  package var daemon: DaemonState?
  package var positions: [LanePosition] = []
  package var people = PeopleChange()
  package var delivered = ModelsChange()
  /// What was decided while nothing could be stored, and given up.
  package var unstored: UnstoredReport?
  /// When all this was read, by both clocks.
  package var clock: ClockStamp?
  /// What the wall clock did before it was read.
  package var clockJump: ClockJump?

  /// To questions of the plane.
  package var answers: [PlaneAnswer] = []

  package init() {}

  package var isEmpty: Bool {
    points.isEmpty && occurrences.isEmpty && models.isEmpty && unassigned == Ledger() && session == nil && daemon == nil
      && positions.isEmpty && people == PeopleChange() && delivered == ModelsChange() && unstored == nil && clockJump == nil
      && answers.isEmpty
  }
}

/// What a store that could not be written cost (`store.on_full = "volatile"`): an event for the plane.
package struct UnstoredReport: Sendable, Equatable, Codable {
  package var from: UnixTime
  package var to: UnixTime
  /// Why nothing could be stored.
  package var reason: String
  package var frames = 0
  package var trendRows = 0
  /// Events other than alarms, and alarms beyond what memory may hold.
  package var events = 0

  package init(from: UnixTime, to: UnixTime, reason: String) {
    (self.from, self.to, self.reason) = (from, to, reason)
  }
}

/// The model a point runs on, as its encoded bytes; replaces the point's former one.
package struct StoredModel: Sendable, Equatable {
  package var point: PointID
  package var version: String
  package var bytes: [UInt8]

  package init(point: PointID, version: String, bytes: [UInt8]) {
    self.point = point
    self.version = version
    self.bytes = bytes
  }
}

/// What the daemon says of itself; written when it changes.
package struct DaemonState: Sendable, Equatable {
  package enum Condition: String, Sendable, CaseIterable { case starting, healthy, degraded, stopped }

  package struct Link: Sendable, Equatable, Codable {
    package var connected: Bool
    package var reason: String?
    /// Sent since midnight UTC, bytes.
    package var bytesToday: Int
    /// The UTC day that these bytes are of, days since 1970-01-01; `nil`: nothing was sent yet.
    package var day: Int64?

    package init(connected: Bool, reason: String? = nil, bytesToday: Int = 0, day: Int64? = nil) {
      self.connected = connected
      self.reason = reason
      (self.bytesToday, self.day) = (bytesToday, day)
    }

    /// What stays of it where the connection does not.
    package func lost(_ reason: String? = nil) -> Self {
      Self(connected: false, reason: reason, bytesToday: bytesToday, day: day)
    }
  }

  package var condition: Condition
  package var reasons: [String]
  package var broker: Link
  /// `nil`: no plane is configured.
  package var uplink: Link?

  package init(condition: Condition, reasons: [String], broker: Link, uplink: Link?) {
    self.condition = condition
    self.reasons = reasons
    self.broker = broker
    self.uplink = uplink
  }
}

/// How far the plane has a lane, as it acknowledged it. One that is not ours (another epoch, another hash) changes nothing.
package struct LanePosition: Sendable, Equatable {
  package var lane: Lane
  package var epoch: Epoch
  package var through: UInt64
  package var hash: ChainHash

  package init(lane: Lane, epoch: Epoch, through: UInt64, hash: ChainHash) {
    self.lane = lane
    self.epoch = epoch
    self.through = through
    self.hash = hash
  }
}
