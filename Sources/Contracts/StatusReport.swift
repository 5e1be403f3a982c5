import Anomaly
import Signal

/// `thrum status --json` (CONTRACTS "thrum and a gateway").
package struct StatusReport: Codable, Sendable, Equatable {
  package var gateway: String
  package var fleet: String
  package var state: State
  package var reasons: [String]
  package var version: String
  @OrNull package var uptimeS: Int?
  /// When the daemon was last seen to write, if it does not run.
  package var stoppedSince: String?
  /// If it does not run: whether it wrote that it was told to stop. False: killed, crashed, cut off from power or from its disk.
  package var stoppedInOrder: Bool?
  package var points: [Point]
  package var store: StoreUse
  package var unassigned: LedgerReport
  package var broker: Link
  package var uplink: Uplink

  package enum State: String, Codable, Sendable { case healthy, degraded, starting, stopped }

  package struct Point: Codable, Sendable, Equatable {
    package var machine: String
    package var point: String
    package var verdict: String
    @OrNull package var reason: String?
    @OrNull package var isoZone: String?
    @OrNull package var velocityRmsMmS: Double?
    @OrNull package var probability: Double?
    package var uncalibrated: Bool
    @OrNull package var model: String?
    @OrNull package var stage: String?
    package var baseline: Baseline
    package var operatingState: String
    @OrNull package var lastFrameAt: String?
    package var ledger: LedgerReport
    /// Source sequences that are committed, as closed ranges; left out when the source has none.
    package var sequences: [[UInt64]]?
    /// Why its alarms are not shown, and what it would say; left out where they are.
    package var suppression: SuppressionRow?
    /// Of false alarms; left out before the point has learned.
    package var budget: Budget?
    /// What it measures is no longer spread as while it learned; left out where it is.
    package var drift: Drift?
    /// What a slow value's history ends with; left out where it is vibration.
    package var latest: Latest?
    /// How many labels `probability` is calibrated on; left out where it is the margin's own.
    package var probabilityLabels: Int?

    package init(
      machine: String, point: String, verdict: String, reason: String? = nil, isoZone: String?, velocityRmsMmS: Double?,
      probability: Double?, uncalibrated: Bool, model: String?, stage: String?, baseline: Baseline, operatingState: String,
      lastFrameAt: String?, ledger: LedgerReport, sequences: [[UInt64]]? = nil, suppression: SuppressionRow? = nil,
      budget: Budget? = nil, drift: Drift? = nil, latest: Latest? = nil, probabilityLabels: Int? = nil
    ) {
      (self.budget, self.drift, self.latest, self.probabilityLabels) = (budget, drift, latest, probabilityLabels)
      self.machine = machine
      self.point = point
      self.verdict = verdict
      self.reason = reason
      self.isoZone = isoZone
      self.velocityRmsMmS = velocityRmsMmS
      self.probability = probability
      self.uncalibrated = uncalibrated
      self.model = model
      self.stage = stage
      self.baseline = baseline
      self.operatingState = operatingState
      self.lastFrameAt = lastFrameAt
      self.ledger = ledger
      self.sequences = sequences
      self.suppression = suppression
    }
  }

  /// False alarms that a point may raise (docs/MODELS.md).
  package struct Budget: Codable, Sendable, Equatable {
    /// The point's share of its machine's.
    package var falseAlarmsPerMonth: Double
    /// False: too little of the healthy machine was seen; the limit is a marked margin.
    package var budgetSupported: Bool
    /// Part of what supports it, 0 to 1.
    package var progress: Double
    /// Seconds of running that one decision looks at.
    package var decisionS: Double

    package init(_ summary: WatchSummary) {
      (falseAlarmsPerMonth, budgetSupported) = (summary.falseAlarmsPerMonth, summary.budgetSupported)
      (progress, decisionS) = (summary.progress, summary.decisionSeconds)
    }
  }

  /// In the source's unit.
  package struct Latest: Codable, Sendable, Equatable {
    package var value: Double
    package var at: String

    package init(value: Double, at: UnixTime) { (self.value, self.at) = (value, at.rfc3339) }
  }

  package struct Drift: Codable, Sendable, Equatable {
    package var kind: String
    package var relearnWanted: Bool
    @OrNull package var words: String?

    package init?(_ summary: WatchSummary) {
      guard let kind = summary.drift else { return nil }
      (self.kind, relearnWanted) = (kind.rawValue, summary.relearnWanted)
      words = summary.driftWords
    }
  }

  package struct Baseline: Codable, Sendable, Equatable {
    package var state: String
    package var progress: Double
    /// Who told it to learn no more; left out where it may.
    package var stoppedBy: String?

    package init(
      state: String, progress: Double, stoppedBy: String? = nil
    ) {
      self.state = state
      self.progress = progress
      self.stoppedBy = stoppedBy
    }
  }

  package struct StoreUse: Codable, Sendable, Equatable {
    package var bytes: Int
    package var maxBytes: Int
    package var unsentEvents: Int
    @OrNull package var oldestUnsentAt: String?
    /// Written to the disk by the daemon: mean of the last days that are over, and since midnight UTC.
    @OrNull package var writtenBytesPerDay: Int?
    package var writtenBytesToday: Int
    /// Rows given up for room or age, by kind.
    package var evicted: [String: Int]
    /// Damaged or replaced databases that still lie beside the one in use.
    package var setAside: [String]

    package init(
      bytes: Int, maxBytes: Int, unsentEvents: Int, oldestUnsentAt: String?, writtenBytesPerDay: Int? = nil,
      writtenBytesToday: Int = 0, evicted: [String: Int] = [:], setAside: [String] = []
    ) {
      self.bytes = bytes
      self.maxBytes = maxBytes
      self.unsentEvents = unsentEvents
      self.oldestUnsentAt = oldestUnsentAt
      self.writtenBytesPerDay = writtenBytesPerDay
      self.writtenBytesToday = writtenBytesToday
      self.evicted = evicted
      self.setAside = setAside
    }
  }

  package struct Link: Codable, Sendable, Equatable {
    package var connected: Bool
    package var reason: String?

    package init(
      connected: Bool, reason: String? = nil
    ) {
      self.connected = connected
      self.reason = reason
    }
  }

  package struct Uplink: Codable, Sendable, Equatable {
    package var connected: Bool
    package var reason: String?
    package var lanes: [String: LanePositions]
    package var bytesToday: Int
    @OrNull package var budgetBytesPerDay: Int?

    /// The reason where there is no plane to send to.
    package static let none = "none is configured"
    /// Between the hello and its answer.
    package static let awaited = "waiting for the plane's welcome"
    /// A plane is online, and two hellos in a row were not answered: it does not believe who sends them, or does not get them.
    package static let silent = "the plane does not answer this gateway's hello"
    package var isConfigured: Bool { reason != Self.none }

    package init(
      connected: Bool, reason: String? = nil, lanes: [String: LanePositions], bytesToday: Int, budgetBytesPerDay: Int?
    ) {
      self.connected = connected
      self.reason = reason
      self.lanes = lanes
      self.bytesToday = bytesToday
      self.budgetBytesPerDay = budgetBytesPerDay
    }
  }

  package struct LanePositions: Codable, Sendable, Equatable {
    package var last: UInt64
    package var through: UInt64

    package init(
      last: UInt64, through: UInt64
    ) {
      self.last = last
      self.through = through
    }
  }

  package init(
    gateway: String, fleet: String, state: State, reasons: [String], version: String, uptimeS: Int?,
    stoppedSince: String? = nil, stoppedInOrder: Bool? = nil, points: [Point], store: StoreUse, unassigned: LedgerReport,
    broker: Link, uplink: Uplink
  ) {
    self.gateway = gateway
    self.fleet = fleet
    self.state = state
    self.reasons = reasons
    self.version = version
    self.uptimeS = uptimeS
    (self.stoppedSince, self.stoppedInOrder) = (stoppedSince, stoppedInOrder)
    self.points = points
    self.store = store
    self.unassigned = unassigned
    self.broker = broker
    self.uplink = uplink
  }
}

/// A ledger as others read it: totals, and reasons beside them.
package struct LedgerReport: Codable, Sendable, Equatable {
  package var received: Int
  package var analysed: Int
  package var pending: Int
  package var quarantined: Int
  package var duplicate: Int
  package var dropped: Int
  package var missing: Int
  package var quarantinedBy: [String: Int]
  package var droppedBy: [String: Int]

  package init(_ ledger: Ledger) {
    received = ledger.received
    analysed = ledger.analysed
    pending = ledger.pending
    quarantined = ledger.quarantinedTotal
    duplicate = ledger.duplicate
    dropped = ledger.droppedTotal
    missing = ledger.missing
    quarantinedBy = Dictionary(uniqueKeysWithValues: ledger.quarantined.map { ($0.key.rawValue, $0.value) })
    droppedBy = Dictionary(uniqueKeysWithValues: ledger.dropped.map { ($0.key.rawValue, $0.value) })
  }
}
