import Contracts
import NIOCore
import NIOPosix
import Synchronization

/// A listener for browsers and scrapers, on a loopback address or with TLS on any: HTTP/1, one request a connection. One thread, and one for
/// what blocks. Limits that one visitor could use up are his own; programs on this gateway count as one.
package final class WebServer: Sendable {
  package struct Limits: Sendable {
    package var headerBytes = 8192
    package var bodyBytes = 16_384
    package var connections = 64
    /// Of them from one address of a network.
    package var connectionsFromOne = 12
    /// From connecting to the end of the request, TLS included.
    package var requestSeconds: Int64 = 10
    /// From there to the answer.
    package var replySeconds: Int64 = 30
    /// From there until it is taken.
    package var takeSeconds: Int64 = 30
    /// Requests in a second of one visitor, on average; twice as many in a burst.
    package var requestsPerSecond = 100.0
    /// TLS connections in a second of one address of a network, and of all; three times as many in a burst. One costs half a
    /// millisecond of processor, with RSA three times that (docs/decisions/page-network.md).
    package var handshakesPerSecond = 20.0
    package var handshakesPerSecondOfAll = 60.0
    /// How often it is looked whether the certificate was replaced.
    package var lookSeconds: Int64 = 2
    /// Of answers that wait to be taken, of all connections; a small one always goes.
    package var waitingBytes = 16 << 20

    package init() {}
  }

  let site: any WebSite
  let limits: Limits
  let connections: Connections
  let news: LiveNews?
  let pace: Pace
  let readers = NIOThreadPool(numberOfThreads: 1)
  /// Bytes of answers that are not taken yet.
  private let waiting = Atomic<Int>(0)
  private let host: String
  private let port: Int
  let names: [String]
  let identity: TLSIdentity?
  let handshakes: (ofOne: Pace, ofAll: Pace)
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  /// - Parameters:
  ///   - host: a loopback address; without `identity` anything else is refused by `run`.
  ///   - names: by which a browser may ask, beside loopback's and the address it came to; in lower case.
  ///   - identity: with it, it is https.
  ///   - news: what `WebAnswer.live` listens to.
  package init(
    host: String, port: Int, names: [String] = [], identity: TLSIdentity? = nil, site: any WebSite, news: LiveNews? = nil,
    limits: Limits = Limits()
  ) {
    (self.host, self.port, self.names, self.identity) = (host, port, names, identity)
    (self.site, self.news, self.limits) = (site, news, limits)
    connections = Connections(limit: limits.connections, ofOne: limits.connectionsFromOne)
    pace = Pace(perSecond: limits.requestsPerSecond)
    handshakes = (
      Pace(perSecond: limits.handshakesPerSecond, burst: 3 * limits.handshakesPerSecond),
      Pace(perSecond: limits.handshakesPerSecondOfAll, burst: 3 * limits.handshakesPerSecondOfAll)
    )
  }

  /// Answers until the task is cancelled or `until` returns.
  /// - Parameter listening: told the port once it listens.
  /// - Throws: when nothing can listen there.
  package func run(
    listening: (Int) -> Void = { _ in }, until stopped: () async throws -> Void
  ) async throws(CallProblem) {
    do throws(CallProblem) {
      let listener = try await listen()
      listening(listener.localAddress?.port ?? port)
      try? await stopped()
      try? await listener.close()
      connections.close(andThoseAtWork: true)
    } catch {
      await end()
      throw error
    }
    await end()
  }

  /// - Returns: whether there is room for an answer of that size; then it is counted until `taken`.
  func mayWait(_ bytes: Int) -> Bool {
    let before = waiting.load(ordering: .relaxed)
    guard bytes <= Self.smallBytes || before + bytes <= limits.waitingBytes else { return false }
    waiting.add(bytes, ordering: .relaxed)
    return true
  }

  func taken(_ bytes: Int) { waiting.subtract(bytes, ordering: .relaxed) }

  private static let smallBytes = 65_536

  private func end() async {
    try? await readers.shutdownGracefully()
    try? await group.shutdownGracefully()
  }

  private func listen() async throws(CallProblem) -> any Channel {
    let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    guard identity != nil || WebNames.isLoopback(host) else {
      throw CallProblem(
        .invalid, "listen on", place, reason: "not a loopback address, and there is no TLS on it",
        remedy: "give a certificate and its key, or 127.0.0.1")
    }
    try identity?.load()
    readers.start()
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(ChannelOptions.backlog, value: 256)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(ChannelOptions.writeBufferWaterMark, value: .init(low: 32 << 10, high: 64 << 10))
      .childChannelInitializer { [self] channel in welcome(channel) }
    do {
      let listener = try await bootstrap.bind(host: host, port: port).get()
      watchIdentity(on: listener.eventLoop)
      return listener
    } catch {
      throw CallProblem(
        .unavailable, "listen on", place, reason: "\(error)", remedy: "end what listens there, or choose another address or port")
    }
  }

  private func watchIdentity(on loop: any EventLoop) {
    guard let identity else { return }
    let pause = TimeAmount.seconds(limits.lookSeconds)
    loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in identity.look() }
  }
}
