import Anomaly

/// Everything a gateway's owner decides. The default and the range of each key stand where it is read, in the `init` of its table.
/// An empty configuration file gives the defaults.
package struct ThrumConfig: Sendable, Equatable {
  package var gateway: Gateway
  /// Where the sensors publish.
  package var broker: Connection
  /// Where events go; `nil`: they stay here.
  package var plane: Plane?
  /// Models from the plane.
  package var models: Models
  package var ingest: Ingest
  package var store: Store
  package var evidence: Evidence
  /// Who at this gateway may do what.
  package var local: Local
  /// For people with a browser.
  package var page: Page
  /// For a monitoring system.
  package var metrics: Listener
  /// Who is told of alarms.
  package var notify: [Notify]
  package var alarms: Alarms
  /// In the order of the files; the first whose topic matches reads a message.
  package var sources: [Source]
  package var machines: [Machine]
  /// The site's own evaluation classes.
  package var severities: [SeverityClass]
  /// The site's own, which points can name.
  package var bearings: [OwnBearing]
  /// What the site does about faults.
  package var advice: [Advice]

  init(_ table: TableReader) {
    gateway = Gateway(table.table("gateway"))
    broker = Connection(table.table("broker"), defaultURL: "mqtt://127.0.0.1:1883")
    plane = table.optionalTable("plane").map { Plane($0) }
    models = Models(table.table("models"))
    ingest = Ingest(table.table("ingest"))
    store = Store(table.table("store"))
    evidence = Evidence(table.table("evidence"))
    local = Local(table.table("local"))
    page = Page(table.table("page"))
    metrics = Listener(table.table("metrics"), default: "127.0.0.1:9473")
    let notifyTables = table.tables("notify")
    notify = notifyTables.map { Notify($0) }
    for (index, entry) in notify.enumerated() where notify[..<index].contains(where: { $0.name == entry.name }) {
      notifyTables[index].report("name", "\(entry.name) is the name of two [[notify]]")
    }
    if notify.count > Self.mostNotify { table.report("notify", "expected at most \(Self.mostNotify), got \(notify.count)") }
    alarms = Alarms(table.table("alarms"))
    sources = table.tables("source").map { Source($0) }
    severities = table.tables("severity").map { SeverityClass($0) }
    let classes = Self.severityClasses(severities)
    let bearings = table.tables("bearing").map { OwnBearing($0) }
    machines = table.tables("machine").map { Machine($0, classes: classes, bearings: bearings) }
    self.bearings = bearings
    advice = table.tables("advice").map { Advice($0) }
    table.finish()
  }

  /// Each has a thread.
  private static let mostNotify = 8
}

extension ThrumConfig {
  /// Who this gateway is to the plane.
  package struct Gateway: Sendable, Equatable {
    package var fleet: String
    package var name: String

    init(_ table: TableReader) {
      fleet = table.text("fleet", .label, default: "demo")
      name = table.text("name", .label, default: HostName.asLabel)
      table.finish()
    }
  }

  package struct Plane: Sendable, Equatable {
    package var connection: Connection
    /// Bytes sent and fetched in a UTC day, alarms apart; `nil`: no limit.
    package var budgetBytesPerDay: Int?
    /// The gateway's private key, once it is enrolled: batches are signed with it.
    package var signingKeyFile: String?

    /// Histories, ledgers, and samples for training go too.
    package var measurements: Bool

    init(_ table: TableReader) {
      budgetBytesPerDay = table.optionalInteger("budget_bytes_per_day", 10_000...1_000_000_000_000)
      signingKeyFile = table.optionalPath("signing_key_file")
      measurements = table.flag("measurements", default: true)
      connection = Connection(table, defaultURL: nil)
    }
  }

  /// How much is taken from the broker at a time; what is beyond stays there.
  package struct Ingest: Sendable, Equatable {
    /// Frames in one commit, at most.
    package var batchFrames: Int
    /// How long a frame waits for others to share its commit, at most; an alarm is as late.
    package var lingerSeconds: Double
    /// A larger message is quarantined.
    package var maxPayloadBytes: Int
    /// Points made by topics that no `[[machine]]` declares count too.
    package var maxPoints: Int

    init(_ table: TableReader) {
      batchFrames = table.integer("batch_frames", 1...4096, default: 64)
      lingerSeconds = Double(table.integer("linger_ms", 1...10_000, default: 500)) / 1000
      maxPayloadBytes = table.integer("max_payload_bytes", 1024...16_777_216, default: 1_048_576)
      maxPoints = table.integer("max_points", 1...4096, default: 256)
      table.finish()
    }
  }

  package struct Store: Sendable, Equatable {
    /// Database and what belongs to it, on disk.
    package var maxBytes: Int
    package var maxAgeDays: Int
    /// Takes the space at the first start, so that a disk filled by others does not matter.
    package var preallocate: Bool
    package var onFull: OnFull

    /// `hold`: nothing more is acknowledged to the broker until the store can be written again. `volatile`: after ten seconds frames
    /// are decided in memory and acknowledged; they are counted as dropped, and alarms wait in memory for the store's return.
    package enum OnFull: String, Sendable, CaseIterable { case hold, volatile }

    init(_ table: TableReader) {
      maxBytes = table.integer("max_bytes", 16_777_216...1_099_511_627_776, default: 536_870_912)
      maxAgeDays = table.integer("max_age_days", 1...3650, default: 90)
      preallocate = table.flag("preallocate", default: false)
      onFull = table.choice("on_full", default: .hold)
      table.finish()
    }
  }

  /// How often alarms may be false, and how long they stay.
  package struct Alarms: Sendable, Equatable {
    /// Of a machine, in thirty days of running.
    package var falseAlarmsPerMonth: Double
    /// An alarm ends after so many quiet seconds.
    package var offDelaySeconds: Double

    init(_ table: TableReader) {
      falseAlarmsPerMonth = table.number("false_alarms_per_month", 0.1...1000, default: 2)
      offDelaySeconds = table.number("off_delay_s", 0...86_400, default: 60)
      table.finish()
    }
  }

  /// Waveforms and spectra around what happened.
  package struct Evidence: Sendable, Equatable {
    /// `alarms`: with each warning and alarm, and when it is over; `asked`: only when somebody asks.
    package var keep: Keep
    /// 32 bytes: evidence is sealed with it, on the disk and on its way; `nil`: the unit's credential `evidence.key` where there is one.
    package var keyFile: String?

    package enum Keep: String, Sendable, CaseIterable { case alarms, asked }

    init(_ table: TableReader) {
      keep = table.choice("keep", default: .alarms)
      keyFile = table.optionalPath("key_file")
      table.finish()
    }
  }

  /// Unix groups; the daemon's own user and root may do everything, who is in neither group may look.
  package struct Local: Sendable, Equatable {
    /// May answer alarms and look after points.
    package var operatorGroup: String
    /// May change the gateway itself.
    package var adminGroup: String

    init(_ table: TableReader) {
      operatorGroup = table.text("operator_group", .group, default: "thrum-operator")
      adminGroup = table.text("admin_group", .group, default: "thrum-admin")
      table.finish()
    }
  }
}
