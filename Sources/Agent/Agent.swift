import Anomaly
import Configuration
import Contracts
import Glibc
import Logging
import MQTT
import ServiceLifecycle
import Signal
import Store
import UnixSignals

/// The daemon, put together: builds every part once and runs them until SIGTERM or SIGINT.
package struct Agent {
  private let config: ThrumConfig
  private let store: Store
  private let health: Health
  private let notifier = SystemdNotifier()
  private let session: MQTTSession
  private let workers: PointWorkers
  private let uplink: Uplink?
  private let log: Logger

  /// - Throws: what makes a start impossible, with its remedy: a configuration that cannot be followed, a store that is in use,
  ///   newer, or damaged. A broker or plane out of reach is none of these.
  package init(_ config: ThrumConfig, paths: Paths, version: String, log: Logger) throws {
    self.config = config
    self.log = log
    let routes = try Routes(config.sources)
    let settings = try PointSettingsBook(config)
    let hardware = Hardware.binding
    store = try Store.open(folder: paths.stateFolder, settings: StoreSettings(config, version: version, binding: hardware))
    let clientID = "thrum-\(config.gateway.fleet)-\(config.gateway.name)"
    let restored = try store.reader.restoredState(session: clientID)
    workers = PointWorkers(
      (0..<Self.workerCount).map { _ in PointWorker(settings: settings) }, routes: routes, restored: restored,
      broker: "\(config.broker.url)", maxPoints: config.ingest.maxPoints)
    session = MQTTSession(try MQTTEndpoint(config.broker), .plant(config, clientID: clientID, routes: routes))
    health = Health(hasPlane: config.plane != nil, notifier: notifier)
    let (store, health) = (store, health)
    uplink = try config.plane.map {
      try Uplink($0, config.gateway, store, version: version, hardware: hardware, health: health, log: log)
    }
  }

  /// Returns after everything has stopped in the order in which data flows.
  package func run() async throws {
    let stopping = StopFlag()
    let (session, uplink) = (session, uplink)
    let ingest = Ingest(
      session: session, workers: workers, store: store, health: health, stopping: stopping, log: log,
      committed: { uplink?.wake() })
    health.started()
    notifier.ready()
    log.notice("Thrum is running", metadata: ["state": "\(store.folder)", "start": "\(store.incarnation)"])
    // Listed first = stopped last.
    let services: [any Service] =
      [Watchdog(health: health, notifier: notifier)]
      + (uplink.map { uplink in [OwnThread(name: "uplink", body: { uplink.run() }, stop: { uplink.stop() })] } ?? [])
      + [
        OwnThread(
          name: "ingest", body: { ingest.run() },
          stop: {
            stopping.set(); session.wake()
          })
      ]
    var configuration = ServiceGroupConfiguration(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
    configuration.maximumGracefulShutdownDuration = .seconds(30)
    try await ServiceGroup(configuration: configuration).run()
  }

  /// A core is left to the broker and the rest of the gateway where there are several.
  private static var workerCount: Int { max(1, min(8, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) - 1)) }
}
