import Anomaly
import Configuration
import Contracts
import Glibc
import LocalAPI
import Logging
import MQTT
import ServiceLifecycle
import Signal
import Store
import UnixSignals

/// The daemon, put together: builds every part once and runs them until SIGTERM or SIGINT.
package struct Agent {
  private let store: Store
  private let health: Health
  private let notifier = SystemdNotifier()
  private let ingest: Ingest
  private let learner: Learner
  private let uplink: Uplink?
  private let people: PeopleService
  private let log: Logger

  /// - Throws: what makes a start impossible, with its remedy: a configuration that cannot be followed, a store that is in use,
  ///   newer, or damaged. A broker or plane out of reach is none of these.
  package init(_ config: ThrumConfig, paths: Paths, version: String, log: Logger) throws {
    self.log = log
    let routes = try Routes(config.sources)
    let settings = PointSettingsBook(config)
    let hardware = Hardware.binding
    let store = try Store.open(folder: paths.stateFolder, settings: StoreSettings(config, version: version, binding: hardware))
    let health = Health(hasPlane: config.plane != nil, notifier: notifier)
    let uplink = try config.plane.map {
      try Uplink($0, config.gateway, store, version: version, hardware: hardware, health: health, log: log)
    }
    let clientID = "thrum-\(config.gateway.fleet)-\(config.gateway.name)"
    let session = MQTTSession(try MQTTEndpoint(config.broker), .plant(config, clientID: clientID, routes: routes))
    let learner = Learner(onFinished: session.wake)
    let workers = PointWorkers(
      (0..<Self.workerCount).map { _ in PointWorker(settings: settings) }, learner: learner, routes: routes,
      restored: try Self.restored(store, session: clientID, log: log), broker: "\(config.broker.url)",
      maxPoints: config.ingest.maxPoints, findAlarm: { (try? store.reader.alarm($0)) != nil })
    let desk = Desk(onOrder: session.wake)
    people = PeopleService(config, socket: paths.socket, desk: desk, version: version, health: health, log: log)
    ingest = Ingest(
      session: session, workers: workers, desk: desk, store: store, health: health, log: log, committed: { uplink?.wake() },
      onFull: config.store.onFull)
    (self.store, self.health, self.uplink, self.learner) = (store, health, uplink, learner)
  }

  /// Returns after everything has stopped in the order in which data flows; begins the process anew where SIGHUP asked for it.
  /// - Parameter recheck: every problem of the configuration as it stands when it is asked.
  package func run(recheck: @escaping @Sendable () -> [String] = { [] }) async throws {
    tellOpening()
    let reload = Reload(recheck: recheck, wanted: StopFlag(), notifier: notifier, log: log)
    // Listed first = stopped last.
    let services: [(any Service)?] = [
      Watchdog(health: health, notifier: notifier, log: log), uplink.map { OwnThread(name: "uplink", $0) },
      OwnThread(name: "store", StoreWatch(store: store, health: health, log: log)),
      OwnThread(name: "learner", learner), OwnThread(name: "ingest", ingest), people,
    ]
    let running = services.compactMap { $0 }
    var configuration = ServiceGroupConfiguration(services: running, gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
    configuration.services.append(.init(service: reload, successTerminationBehavior: .gracefullyShutdownGroup))
    configuration.maximumGracefulShutdownDuration = .seconds(30)
    try await ServiceGroup(configuration: configuration).run()
    if reload.wanted.isSet { Reload.beginAnew() }
  }

  /// What cannot be read is salvaged by starting anew.
  private static func restored(_ store: Store, session: String, log: Logger) throws(StoreError) -> RestoredState {
    do {
      return try store.reader.restoredState(session: session)
    } catch {
      if error.kind == .corrupt { SelfRestart.now(store, reason: error.reason, log: log) }
      throw error
    }
  }

  private func tellOpening() {
    log.info("Opened the store", metadata: ["folder": "\(store.folder)", "start": "\(store.incarnation)"])
    if let salvage = store.opening.salvage {
      log.critical("The store was damaged and is salvaged", metadata: ["what": "\(salvage.words)"])
    }
    for incident in store.opening.incidents {
      log.warning("The store was not left in order", metadata: ["what": "\(incident.words)"])
    }
    for note in store.opening.notes { log.notice("About the store", metadata: ["what": "\(note)"]) }
  }

  /// A core is left to the broker and the rest of the gateway where there are several.
  private static var workerCount: Int { max(1, min(8, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) - 1)) }
}
