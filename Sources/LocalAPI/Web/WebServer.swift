import Contracts
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A listener for browsers and scrapers on a loopback address: HTTP/1, one request a connection. One thread, and one for what blocks.
package final class WebServer: Sendable {
  package struct Limits: Sendable {
    package var headerBytes = 8192
    package var bodyBytes = 16_384
    package var connections = 64
    /// From connecting to the end of the request.
    package var requestSeconds: Int64 = 10
    /// From there to the answer.
    package var replySeconds: Int64 = 30
    /// From there until it is taken.
    package var takeSeconds: Int64 = 30
    /// Requests in a second, on average; twice as many in a burst.
    package var requestsPerSecond = 100.0
    /// Of answers that wait to be taken, of all connections; a small one always goes.
    package var waitingBytes = 16 << 20

    package init() {}
  }

  let site: any WebSite
  let limits: Limits
  let connections: Connections
  let news: LiveNews?
  let pace: RequestPace
  let readers = NIOThreadPool(numberOfThreads: 1)
  /// Bytes of answers that are not taken yet.
  private let waiting = Atomic<Int>(0)
  private let host: String
  private let port: Int
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  /// - Parameters:
  ///   - host: a loopback address; anything else is refused by `run`.
  ///   - news: what `WebAnswer.live` listens to.
  package init(host: String, port: Int, site: any WebSite, news: LiveNews? = nil, limits: Limits = Limits()) {
    (self.host, self.port, self.site, self.news, self.limits) = (host, port, site, news, limits)
    connections = Connections(limit: limits.connections)
    pace = RequestPace(perSecond: limits.requestsPerSecond)
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
    guard LoopbackName.isLoopback(host.contains(":") ? "[\(host)]" : host) else {
      throw CallProblem(.invalid, "listen on", place, reason: "not a loopback address, and there is no TLS on it")
    }
    readers.start()
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(ChannelOptions.backlog, value: 256)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(ChannelOptions.writeBufferWaterMark, value: .init(low: 32 << 10, high: 64 << 10))
      .childChannelInitializer { [self] channel in accept(channel) }
    do { return try await bootstrap.bind(host: host, port: port).get() } catch {
      throw CallProblem(
        .unavailable, "listen on", place, reason: "\(error)", remedy: "end what listens there, or choose another port")
    }
  }

  private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
    if let surplus = connections.add(channel) { surplus.close(promise: nil) }
    channel.closeFuture.whenComplete { [connections] _ in connections.remove(channel) }
    return channel.eventLoop.makeCompletedFuture {
      var decoding = NIOHTTPDecoderLimitConfiguration()
      (decoding.maxHeaderFieldSize, decoding.maxHeaderListSize) = (limits.headerBytes, limits.headerBytes)
      decoding.maxHeaderFieldCount = 64
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(ByteLimit(bytes: 2 * limits.headerBytes + limits.bodyBytes))
      try pipeline.addHandler(HTTPResponseEncoder())
      try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: decoding)))
      try pipeline.addHandler(HTTPServerProtocolErrorHandler())
      try pipeline.addHandler(WebHandler(self))
    }
  }
}

/// How many requests are looked at in a second.
final class RequestPace: Sendable {
  private struct State {
    var left: Double
    var at = monotonicSeconds()
  }

  private let perSecond: Double
  private let state: Mutex<State>

  init(perSecond: Double) {
    self.perSecond = perSecond
    state = Mutex(State(left: 2 * perSecond))
  }

  /// - Returns: false where there are too many.
  func take() -> Bool {
    state.withLock { state in
      let now = monotonicSeconds()
      state.left = min(2 * perSecond, state.left + (now - state.at) * perSecond)
      state.at = now
      guard state.left >= 1 else { return false }
      state.left -= 1
      return true
    }
  }
}

/// Time that never jumps, for durations.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
