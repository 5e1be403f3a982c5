import Configuration
import Contracts
import MQTT
import ModelPackages

/// What the configuration names and a start could fail over: addresses, keys, the root. Made before anything is opened, so that a
/// configuration can be refused for it while the daemon at work goes on.
struct Groundwork {
  let routes: Routes
  let plant: MQTTEndpoint
  let plane: Plane?
  /// Whom model updates are believed from; `nil`: they do not come from a plane.
  let root: [UInt8]?
  let evidenceKey: [UInt8]?

  struct Plane {
    let endpoint: MQTTEndpoint
    let topics: PlaneTopics
    let signature: BatchSigner?
  }

  /// - Throws: every problem, with its key.
  init(_ config: ThrumConfig) throws(ConfigError) {
    var problems: [ConfigProblem] = []
    func tried<Part>(_ key: String, _ make: () throws -> Part) -> Part? {
      do { return try make() } catch {
        problems.append(ConfigProblem(key: key, text: "\(error)"))
        return nil
      }
    }
    let routes = tried("source") { try Routes(config.sources) }
    let plant = tried("broker") { try MQTTEndpoint(config.broker) }
    plane = tried("plane") { try config.plane.map { try Plane($0, config.gateway) } } ?? nil
    root = tried("models.root_file") { try Self.root(config.models) } ?? nil
    evidenceKey = tried("evidence.key_file") { try EvidenceKey.read(config.evidence) } ?? nil
    guard let routes, let plant, problems.isEmpty else { throw ConfigError(problems: problems) }
    (self.routes, self.plant) = (routes, plant)
  }

  private static func root(_ models: ThrumConfig.Models) throws(TrustError) -> [UInt8]? {
    guard models.isEnabled, let path = models.rootFile else { return nil }
    guard let root = try DurableFile.read(path, maxBytes: 64 << 10) else {
      throw TrustError(.notFound, "read", path, "there is no such file", remedy: "it is 1.root.json of the plane's repository")
    }
    return root
  }
}

extension Groundwork.Plane {
  init(_ plane: ThrumConfig.Plane, _ gateway: ThrumConfig.Gateway) throws {
    guard let topics = PlaneTopics(fleet: gateway.fleet, gateway: gateway.name) else {
      throw RouteError(description: "gateway \(gateway.fleet)/\(gateway.name): names are 1 to 63 of a-z, 0-9 and -")
    }
    self.topics = topics
    endpoint = try MQTTEndpoint(plane.connection)
    signature = try plane.signingKeyFile.map { try BatchSigner(file: $0) }
  }
}

extension Agent {
  /// The configuration, where a start with it would come as far as the store.
  /// - Throws: every problem of the files, or of what they name.
  package static func configuration(_ file: String) throws(ConfigError) -> ThrumConfig {
    let config = try ConfigFile.read(file)
    _ = try Groundwork(config)
    return config
  }
}
