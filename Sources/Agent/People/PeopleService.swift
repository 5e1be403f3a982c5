import Contracts
import LocalAPI
import Logging
import ServiceLifecycle

/// The local socket as one of the daemon's services. A gateway whose socket cannot be made goes on watching machines, and says so.
struct PeopleService: Service {
  private let socket: String
  private let roles: Roles
  private let router: CallRouter
  private let health: Health
  private let log: Logger

  init(socket: String, roles: Roles, router: CallRouter, health: Health, log: Logger) {
    (self.socket, self.roles, self.router, self.health, self.log) = (socket, roles, router, health, log)
  }

  func run() async throws {
    await Listening.keep(.socket, "local socket", health, log) { listening async throws(CallProblem) in
      let server = LocalServer(path: socket, roles: roles, router: router)
      try await server.run(listening: listening) { try await gracefulShutdown() }
    }
  }
}
