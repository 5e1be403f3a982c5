import Configuration
import Contracts
import Glibc
import LocalAPI
import Logging
import ServiceLifecycle
import Store
import Synchronization

/// The page, where it is switched on: who may look, and its listener as one of the daemon's services.
struct PageService: Service {
  let sessions: PageSessions
  let news = LiveNews()
  let refusedCodes: RefusedCodes
  private let address: ListenAddress
  private let hosts: [String]
  private let identity: TLSIdentity?
  private let site: PageSite
  private let health: Health
  private let log: Logger

  /// - Parameter router: what a session may order; the same as on the socket.
  init(
    _ config: ThrumConfig, at address: ListenAddress, router: CallRouter, content: PageViews, stateFolder: String, health: Health,
    log: Logger
  ) {
    sessions = PageSessions(key: PageKey.read(in: stateFolder, log: log))
    refusedCodes = RefusedCodes(log)
    site = PageSite(
      sessions: sessions, router: router, content: content, gateway: config.gateway.name, refused: refusedCodes.note)
    identity = Self.identity(config.page, health, log)
    (self.address, hosts, self.health, self.log) = (address, config.page.hosts, health, log)
  }

  /// A pair that was replaced by one that cannot be used is in trouble until it is mended; the page goes on with the one before.
  private static func identity(_ page: ThrumConfig.Page, _ health: Health, _ log: Logger) -> TLSIdentity? {
    guard let certFile = page.certFile, let keyFile = page.keyFile else { return nil }
    return TLSIdentity(certFile: certFile, keyFile: keyFile) { problem in
      guard let problem else {
        health.fine(.page)
        return log.notice("The page's certificate was replaced", metadata: ["file": "\(certFile)"])
      }
      health.trouble(.page, "page: \(problem); the certificate before it stays in use")
      log.error("The page's new certificate is not taken", metadata: ["error": "\(problem)"])
    }
  }

  func run() async throws {
    await Listening.keep(.page, "page", health, log) { listening async throws(CallProblem) in
      let server = WebServer(host: address.host, port: address.port, names: hosts, identity: identity, site: site, news: news)
      try await server.run(listening: { _ in listening() }) { try await gracefulShutdown() }
    }
  }

  func answer(_ caller: Caller) -> Result<OpenPage.Reply, CallProblem> {
    if let identity, identity.fingerprint == nil {
      let reason = "the page does not listen: its certificate or its key cannot be used"
      return .failure(
        CallProblem(.unavailable, OpenPage.name, "", reason: reason, remedy: "thrum status says what is wrong with it"))
    }
    log.notice("Made a code for the page", metadata: ["for": "\(caller.name)", "role": "\(caller.role.rawValue)"])
    return .success(
      OpenPage.Reply(
        url: "\(origin)/#code=\(sessions.code(for: caller))", host: address.host, port: address.port,
        expiresS: PageSessions.codeSeconds, name: caller.name, role: caller.role, certificateSha256: identity?.fingerprint))
  }

  private var origin: String {
    guard identity != nil else { return "http://\(address)" }
    guard !address.isLoopback, let host = hosts.first else { return "https://\(address)" }
    return "https://\(host.contains(":") ? "[\(host)]" : host):\(address.port)"
  }
}

/// Says that codes were refused, and how many since the start; once in ten seconds, whoever tries how often.
final class RefusedCodes: Sendable {
  private struct State {
    var count = 0
    var silentUntil: UInt64 = 0
  }

  private let state = Mutex(State())
  private let log: Logger

  init(_ log: Logger) { self.log = log }

  /// Since the start.
  var count: Int { state.withLock(\.count) }

  @Sendable func note(_ visitor: Visitor) {
    let now = MonotonicClock.seconds()
    let count: Int? = state.withLock { state in
      state.count += 1
      guard now >= state.silentUntil else { return nil }
      state.silentUntil = now + 10
      return state.count
    }
    guard let count else { return }
    log.warning("Refused a code for the page", metadata: ["from": "\(visitor)", "refused": "\(count) since the start"])
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
