import Contracts
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers calls on a Unix socket: HTTP/1, `POST /v1/calls/NAME`, JSON in, JSON out. Who asks is told by the kernel. One thread.
package final class LocalServer: Sendable {
  package struct Limits: Sendable {
    package var headerBytes = 8192
    package var bodyBytes = 65_536
    package var connections = 64
    /// From connecting to the end of the call.
    package var requestSeconds: Int64 = 10
    /// From there to the answer.
    package var replySeconds: Int64 = 30

    package init() {}
  }

  private let path: String
  private let roles: Roles
  private let router: CallRouter
  private let limits: Limits
  private let connections: Connections
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  package init(path: String, roles: Roles, router: CallRouter, limits: Limits = Limits()) {
    self.path = path
    self.roles = roles
    self.router = router
    self.limits = limits
    connections = Connections(limit: limits.connections)
  }

  /// Answers calls until the task is cancelled or `until` returns; then no new ones, and those in hand are finished.
  /// - Parameter listening: called once it listens.
  /// - Throws: when the socket cannot be made.
  package func run(
    listening: () -> Void = {}, until stopped: () async throws -> Void
  ) async throws(CallProblem) {
    do throws(CallProblem) {
      let listener = try await listen()
      listening()
      try? await stopped()
      try? await listener.close()
      await finish()
      unlink(path)
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
    try? await group.shutdownGracefully()
  }

  private func listen() async throws(CallProblem) -> any Channel {
    try SocketFile.prepare(path)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(ChannelOptions.backlog, value: 128)
      .childChannelInitializer { [self] channel in accept(channel) }
    let listener: any Channel
    do { listener = try await bootstrap.bind(unixDomainSocketPath: path).get() } catch {
      throw SocketFile.problem(path, "\(error)", "check that its folder exists and who may write to it, or set THRUM_SOCKET")
    }
    try SocketFile.allow(path, roles.socketMode)
    return listener
  }

  private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
    if let surplus = connections.add(channel) { surplus.close(promise: nil) }
    channel.closeFuture.whenComplete { [connections] _ in connections.remove(channel) }
    let (router, limits, connections) = (router, limits, connections)
    return PeerCredentials.caller(on: channel, roles).flatMapThrowing { caller in
      var decoding = NIOHTTPDecoderLimitConfiguration()
      (decoding.maxHeaderFieldSize, decoding.maxHeaderListSize) = (limits.headerBytes, limits.headerBytes)
      decoding.maxHeaderFieldCount = 64
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(ByteLimit(bytes: 2 * limits.headerBytes + limits.bodyBytes))
      try pipeline.addHandler(HTTPResponseEncoder())
      try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: decoding)))
      try pipeline.addHandler(HTTPServerProtocolErrorHandler())
      try pipeline.addHandler(CallHandler(router, caller, limits, connections))
    }
  }

  private func finish() async {
    connections.close(andThoseAtWork: false)
    for _ in 0..<Self.patienceSeconds * 100 where !connections.isEmpty { try? await Task.sleep(for: .milliseconds(10)) }
    connections.close(andThoseAtWork: true)
  }

  /// A call in hand ends with the next commit.
  private static let patienceSeconds = 3
}
