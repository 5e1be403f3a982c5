import Configuration
import Contracts
import Logging
import MQTT
import Signal
import Store

// How each part is made from the configuration.

extension StoreSettings {
  /// - Throws: when the key of evidence is not one.
  init(_ config: ThrumConfig, version: String, binding: [UInt8]) throws {
    let origin = EventOrigin(fleet: config.gateway.fleet, gateway: config.gateway.name)
    self.init(origin: origin, version: version, startedAt: .now(), binding: binding)
    maxBytes = config.store.maxBytes
    maxAgeDays = config.store.maxAgeDays
    preallocate = config.store.preallocate
    feedsPlane = config.plane?.measurements ?? false
    keepsEvidence = config.evidence.keep == .alarms
    evidenceKey = try EvidenceKey.read(config.evidence)
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
    options.maxPayloadBytes = config.ingest.maxPayloadBytes
    return options
  }
}

extension Uplink {
  convenience init(
    _ plane: ThrumConfig.Plane, _ gateway: ThrumConfig.Gateway, _ store: Store, version: String, hardware: [UInt8],
    health: Health,
    log: Logger
  ) throws {
    guard let topics = PlaneTopics(fleet: gateway.fleet, gateway: gateway.name) else {
      throw RouteError(description: "gateway \(gateway.fleet)/\(gateway.name): names are 1 to 63 of a-z, 0-9 and -")
    }
    var settings = Settings(endpoint: try MQTTEndpoint(plane.connection), topics: topics, version: version, binding: hardware)
    settings.budgetBytesPerDay = plane.budgetBytesPerDay
    self.init(store: store, settings: settings, log: log) { health.uplink($0) }
  }
}
