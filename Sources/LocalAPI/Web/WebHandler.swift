import NIOCore
import NIOHTTP1
import NIOPosix
import NIOTLS

/// One connection of a browser: one request, its answer, closed. No second request, so there is nothing to smuggle it behind.
final class WebHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let server: WebServer
  private let door: Door
  /// Nothing can be said before.
  private var isOpen: Bool
  private var state = State.reading(nil, [])
  private var deadline: Scheduled<Void>?

  private enum State {
    case reading(HTTPRequestHead?, [UInt8])
    case working
    case answered
  }

  init(_ server: WebServer, _ door: Door) {
    (self.server, self.door) = (server, door)
    isOpen = !door.isEncrypted
  }

  func handlerAdded(context: ChannelHandlerContext) {
    expire(in: server.limits.requestSeconds, context.channel) { handler, channel in
      guard handler.isOpen else { return channel.close(promise: nil) }
      handler.send(.text(408, "it took too long to come"), on: channel)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { isOpen = true }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .reading(let head, var body) = state else { return }
    switch Self.unwrapInboundIn(data) {
    case .head(let new): state = .reading(new, [])
    case .body(let bytes):
      guard body.count + bytes.readableBytes <= server.limits.bodyBytes else {
        return send(.text(413, "more than \(server.limits.bodyBytes) bytes"), on: context.channel)
      }
      body.append(contentsOf: bytes.readableBytesView)
      state = .reading(head, body)
    case .end: head.map { answer($0, body, context) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  // MARK: the answer

  private func answer(_ head: HTTPRequestHead, _ body: [UInt8], _ context: ChannelHandlerContext) {
    let channel = context.channel
    let request: WebRequest
    do throws(WebRequest.Refusal) { request = try WebRequest(head, body, by: door) } catch {
      return send(.text(error.status, error.reason), on: channel)
    }
    guard server.pace.take(door.visitor) else { return send(.text(429, "too many requests at once; try again"), on: channel) }
    state = .working
    server.connections.isAtWork(channel)
    expire(in: server.limits.replySeconds, channel) { handler, channel in
      handler.send(.text(503, "it takes longer than \(handler.server.limits.replySeconds) s"), on: channel)
    }
    let promise = context.eventLoop.makePromise(of: WebAnswer.self)
    promise.completeWithTask { [site = server.site] in await site.answer(request) }
    promise.futureResult.assumeIsolated().whenSuccess { self.take($0, channel) }
  }

  private func take(_ answer: WebAnswer, _ channel: any Channel) {
    switch answer {
    case .now(let response): send(response, on: channel)
    case .live: beginLive(on: channel)
    case .blocking(let make):
      server.readers.runIfActive(eventLoop: channel.eventLoop) { make() }.assumeIsolated().whenComplete { result in
        self.send((try? result.get()) ?? .text(503, "thrumd is stopping"), on: channel)
      }
    }
  }

  private func send(_ response: WebResponse, on channel: any Channel) {
    if case .answered = state { return }
    guard server.mayWait(response.body.count) else {
      return send(.text(503, "too many answers wait to be taken; try again"), on: channel)
    }
    state = .answered
    // Who does not take his answer is not waited for.
    expire(in: server.limits.takeSeconds, channel) { _, channel in channel.close(promise: nil) }
    let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: response.status), headers: response.allHeaders)
    channel.write(HTTPServerResponsePart.head(head), promise: nil)
    channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: response.body))), promise: nil)
    channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { [server] _ in
      server.taken(response.body.count)
      channel.close(promise: nil)
    }
  }

  private func beginLive(on channel: any Channel) {
    if case .answered = state { return }
    var headers = HTTPHeaders([("Content-Type", "text/event-stream")] + WebResponse.safety)
    headers.replaceOrAdd(name: "X-Accel-Buffering", value: "no")
    let head = HTTPResponseHead(version: .http1_0, status: .ok, headers: headers)
    state = .answered
    deadline?.cancel()
    channel.writeAndFlush(HTTPServerResponsePart.head(head), promise: nil)
    if server.news?.add(channel) != true { channel.close(promise: nil) }
  }

  /// Replaces the time limit that runs.
  private func expire(in seconds: Int64, _ channel: any Channel, _ expired: @escaping (WebHandler, any Channel) -> Void) {
    deadline?.cancel()
    deadline = channel.eventLoop.assumeIsolated().scheduleTask(in: .seconds(seconds)) { expired(self, channel) }
  }
}
