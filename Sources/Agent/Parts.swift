import Configuration
import Contracts
import Logging
import MQTT
import ModelPackages
import Signal
import Store

// How each part is made from the configuration.

extension StoreSettings {
  init(_ config: ThrumConfig, version: String, binding: [UInt8], evidenceKey: [UInt8]?) {
    let origin = EventOrigin(fleet: config.gateway.fleet, gateway: config.gateway.name)
    self.init(origin: origin, version: version, startedAt: .now(), binding: binding)
    maxBytes = config.store.maxBytes
    maxAgeDays = config.store.maxAgeDays
    preallocate = config.store.preallocate
    feedsPlane = config.plane?.measurements ?? false
    keepsEvidence = config.evidence.keep == .alarms
    self.evidenceKey = evidenceKey
  }
}

extension MQTTEndpoint {
  init(_ connection: Connection) throws {
    let version: VersionPreference =
      switch connection.version {
      case .auto: .auto
      case .v5: .v5
      case .v311: .v311
      }
    try self.init(
      url: "\(connection.url)", username: connection.username, password: try connection.password(), caFile: connection.caFile,
      certFile: connection.certFile, keyFile: connection.keyFile, protocolVersion: version,
      keepaliveSeconds: connection.keepaliveSeconds, allowPlain: connection.allowPlain)
  }
}

extension MQTTSession.Options {
  static func plant(_ config: ThrumConfig, clientID: String, routes: Routes) -> Self {
    var options = Self(clientID: clientID, kind: .plant, subscriptions: routes.subscriptions.map { .init($0.topic, qos: $0.qos) })
    options.batchFrames = config.ingest.batchFrames
    options.lingerSeconds = config.ingest.lingerSeconds
    options.maxPayloadBytes = config.ingest.maxPayloadBytes
    return options
  }
}

extension Uplink {
  convenience init(
    _ plane: Groundwork.Plane, budgetBytesPerDay: Int?, _ store: Store, version: String, hardware: [UInt8],
    spent: DaemonState.Link?,
    updates: UpdateExchange?, keepWaveform: @escaping @Sendable (PointID) -> Bool, health: Health, log: Logger
  ) {
    var settings = Settings(endpoint: plane.endpoint, topics: plane.topics, version: version, binding: hardware)
    settings.budgetBytesPerDay = budgetBytesPerDay
    (settings.updates, settings.keepWaveform, settings.signature) = (updates, keepWaveform, plane.signature)
    settings.spent = spent
    self.init(store: store, settings: settings, log: log) { health.uplink($0) }
  }
}

extension UpdateWatch {
  convenience init(
    _ config: ThrumConfig, root: [UInt8], folder: String, exchange: UpdateExchange, arrivals: any ModelArrivals, log: Logger
  ) {
    var settings = Settings(
      fleet: config.gateway.fleet, gateway: config.gateway.name, folder: folder + "/updates", root: root)
    settings.maxBytes = Int64(config.models.maxBytes)
    settings.checkHours = Double(config.models.checkHours)
    self.init(settings, exchange: exchange, arrivals: arrivals, log: log) { .now() }
  }
}

extension ModelDesk {
  convenience init(
    _ store: Store, _ config: ThrumConfig, version: String, onNews: @escaping @Sendable () -> Void
  ) throws(StoreError) {
    let restored = Restored(
      versions: try store.reader.modelVersions(), roads: try store.reader.modelRoads(), revoked: try store.reader.revokedModels())
    let settings = Settings(
      gateway: config.gateway.name, version: version, allowsUnsigned: config.models.allowsUnsigned)
    self.init(
      shelf: PackageShelf(stateFolder: store.folder), settings: settings,
      restored: restored, commit: { change throws(StoreError) in try store.commit(change) },
      confirmedWindows: { (try? store.reader.confirmedWindows()) ?? [] }, onNews: onNews)
  }
}
