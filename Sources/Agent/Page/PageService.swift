import Configuration
import Contracts
import Glibc
import LocalAPI
import Logging
import ServiceLifecycle
import Store

/// The page on loopback, where it is switched on: who may look, and its listener as one of the daemon's services.
struct PageService: Service {
  let sessions: PageSessions
  let news = LiveNews()
  private let address: ListenAddress
  private let site: PageSite
  private let health: Health
  private let log: Logger

  /// - Parameter router: what a session may order; the same as on the socket.
  init(
    _ config: ThrumConfig, at address: ListenAddress, router: CallRouter, content: PageViews, stateFolder: String, health: Health,
    log: Logger
  ) {
    sessions = PageSessions(key: PageKey.read(in: stateFolder, log: log))
    site = PageSite(sessions: sessions, router: router, content: content, gateway: config.gateway.name)
    (self.address, self.health, self.log) = (address, health, log)
  }

  func run() async throws {
    await Listening.keep(.page, "page", health, log) { listening async throws(CallProblem) in
      let server = WebServer(host: address.host, port: address.port, site: site, news: news)
      try await server.run(listening: { _ in listening() }) { try await gracefulShutdown() }
    }
  }

  func answer(_ caller: Caller) -> OpenPage.Reply {
    log.notice("Made a code for the page", metadata: ["for": "\(caller.name)", "role": "\(caller.role.rawValue)"])
    return OpenPage.Reply(
      url: "http://\(address)/#code=\(sessions.code(for: caller))", host: address.host, port: address.port,
      expiresS: PageSessions.codeSeconds, name: caller.name, role: caller.role)
  }
}

/// What sessions are signed with. A lost key ends them all, and nothing else.
enum PageKey {
  static func read(in stateFolder: String, log: Logger) -> [UInt8] {
    let path = stateFolder + "/page.key"
    if let file = fopen(path, "r") {
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 33)
      let count = fread(&bytes, 1, bytes.count, file)
      if count == 32 { return Array(bytes.prefix(32)) }
    }
    let key = PageSessions.randomKey()
    if !write(key, to: path) {
      log.warning("The page's sessions end with this process", metadata: ["reason": "cannot write \(path)"])
    }
    return key
  }

  private static func write(_ key: [UInt8], to path: String) -> Bool {
    unlink(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return Glibc.write(descriptor, key, key.count) == key.count && fsync(descriptor) == 0
  }
}
