import Configuration
import Contracts
import LocalAPI
import Logging
import ServiceLifecycle

/// The local socket as one of the daemon's services. A gateway whose socket cannot be made goes on watching machines, and says so.
struct PeopleService: Service {
  private let server: LocalServer
  private let socket: String
  private let health: Health
  private let log: Logger

  init(
    _ config: ThrumConfig, socket: String, desk: Desk, models: ModelDesk, updates: UpdateWatch?, version: String, health: Health,
    log: Logger
  ) {
    let roles = Roles(operatorGroup: config.local.operatorGroup, adminGroup: config.local.adminGroup)
    server = LocalServer(
      path: socket, roles: roles,
      router: .forPeople(roles, desk, models, updates: updates, gateway: config.gateway.name, version: version))
    (self.socket, self.health, self.log) = (socket, health, log)
  }

  func run() async throws {
    do throws(CallProblem) {
      try await server.run {
        // An event loop's start touches much code once.
        ProcessMemory.release()
        try await gracefulShutdown()
      }
    } catch {
      log.error("Nobody can ask this daemon anything", metadata: ["error": "\(error)"])
      health.trouble(.socket, "local socket: \(error)")
      try? await gracefulShutdown()
    }
  }
}
