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
  private let notifier: SystemdNotifier
  private let ingest: Ingest
  private let learner: Learner
  private let models: ModelDesk
  private let updates: UpdateWatch?
  private let uplink: Uplink?
  private let people: PeopleService
  private let page: PageService?
  private let metrics: MetricsService?
  private let notify: NotifyParts
  private let configuration: ConfigurationDesk
  private let log: Logger

  /// Returns when the store is open, which on a disk that is full may take long (`StoreWait`).
  /// - Parameters:
  ///   - file: what the configuration was read from, and is read from again at SIGHUP.
  ///   - mayBeginAnew: asked at SIGHUP while the store is waited for.
  /// - Throws: what makes a start impossible, with its remedy: a configuration that cannot be followed, a store that is in use,
  ///   newer, or damaged. A broker or plane out of reach is none of these.
  package init(
    _ config: ThrumConfig, from file: String, paths: Paths, version: String, log: Logger, mayBeginAnew: @escaping () -> Bool
  ) throws {
    let notifier = SystemdNotifier()
    configuration = ConfigurationDesk(file, at: .now())
    (self.log, self.notifier) = (log, notifier)
    let groundwork = try Groundwork(config)
    let settings = PointSettingsBook(config)
    let hardware = Hardware.binding()
    let store = try StoreWait(notifier: notifier, log: log, mayBeginAnew: mayBeginAnew).open(paths.stateFolder) {
      StoreSettings(config, version: version, binding: hardware, evidenceKey: groundwork.evidenceKey)
    }
    let link = config.plane.map { _ in (try? store.reader.daemon())?.state.uplink ?? DaemonState.Link(connected: false) }
    let health = Health(uplink: link, notifier: notifier)
    let exchange = groundwork.root.map { _ in UpdateExchange() }
    let clientID = "thrum-\(config.gateway.fleet)-\(config.gateway.name)"
    let session = MQTTSession(groundwork.plant, .plant(config, clientID: clientID, routes: groundwork.routes))
    let learner = Learner(onFinished: session.wake)
    let models = try ModelDesk(store, config, version: version, onNews: session.wake)
    let updates = groundwork.root.flatMap { root in
      exchange.map { UpdateWatch(config, root: root, folder: store.folder, exchange: $0, arrivals: models, log: log) }
    }
    let pointWorkers = (0..<Self.workerCount).map { _ in PointWorker(settings: settings, models: models) }
    let uplink = groundwork.plane.map {
      Uplink(
        $0, budgetBytesPerDay: config.plane?.budgetBytesPerDay, store, version: version, hardware: hardware, spent: link,
        updates: exchange,
        keepWaveform: { point in pointWorkers.contains { $0.askForWaveform(of: point) } }, health: health, log: log)
    }
    let workers = PointWorkers(
      pointWorkers, learner: learner, models: models, routes: groundwork.routes,
      restored: try Self.restored(store, session: clientID, log: log), broker: "\(config.broker.url)",
      maxPoints: config.ingest.maxPoints, findAlarm: { (try? store.reader.alarm($0)) != nil })
    let desk = Desk(onOrder: session.wake)
    let roles = Roles(operatorGroup: config.local.operatorGroup, adminGroup: config.local.adminGroup)
    let router = CallRouter.forPeople(
      roles, desk, models, workers: pointWorkers, updates: updates, gateway: config.gateway.name, version: version,
      configuration: configuration)
    let page = config.page.address.map {
      PageService(
        config, at: $0, router: router, content: PageViews(config, stateFolder: paths.stateFolder, workers: pointWorkers),
        stateFolder: paths.stateFolder, health: health, log: log)
    }
    let times = VerdictTimes()
    metrics = config.metrics.address.map {
      MetricsService(
        at: $0,
        MetricsFigures(
          config, stateFolder: paths.stateFolder, times: times, workers: pointWorkers, refusedCodes: page?.refusedCodes),
        health: health, log: log)
    }
    let notify = NotifyParts(config, broker: groundwork.plant, store, stateFolder: paths.stateFolder, health: health, log: log)
    people = PeopleService(socket: paths.socket, roles: roles, router: router.with(page), health: health, log: log)
    ingest = Ingest(
      session: session, workers: workers, desk: desk, store: store, health: health, log: log,
      committed: {
        uplink?.wake()
        page?.news.tell()
        notify.wake()
      }, times: times,
      onFull: config.store.onFull)
    (self.store, self.health, self.uplink, self.learner, self.models) = (store, health, uplink, learner, models)
    (self.page, self.notify, self.updates) = (page, notify, updates)
  }

  /// Returns after everything has stopped in the order in which data flows.
  /// - Returns: whether the process is to begin anew.
  package func run() async throws -> Bool {
    tellOpening()
    // Listed first = stopped last.
    let services: [(any Service)?] = [
      Watchdog(health: health, notifier: notifier, log: log), uplink.map { OwnThread(name: "uplink", $0) },
      OwnThread(name: "store", StoreWatch(store: store, health: health, log: log)),
      OwnThread(name: "learner", learner), OwnThread(name: "models", models),
      updates.map { OwnThread(name: "updates", $0) }, OwnThread(name: "ingest", ingest), people, page, metrics,
    ]
    let reload = ServiceGroupConfiguration.ServiceConfiguration(
      service: Reload(configuration: configuration, health: health, log: log),
      successTerminationBehavior: .gracefullyShutdownGroup)
    let running = (notify.services + services.compactMap { $0 }).map {
      ServiceGroupConfiguration.ServiceConfiguration(service: $0)
    }
    var group = ServiceGroupConfiguration(
      services: running + [reload], gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
    group.maximumGracefulShutdownDuration = .seconds(30)
    try await ServiceGroup(configuration: group).run()
    if !health.mustBeginAnew { writeEnd() }
    return health.mustBeginAnew
  }

  /// The last commit: from the store alone it can then be told that this was no kill. A store that refuses is not waited for.
  private func writeEnd() {
    var change = Change()
    change.daemon = health.end
    do { try store.commit(change) } catch {
      log.warning("Could not write down that the daemon ends in order", metadata: ["error": "\(error)"])
    }
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
