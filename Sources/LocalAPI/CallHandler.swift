import Contracts
import NIOCore
import NIOHTTP1

/// One connection: one call, its answer, closed. No second request, so there is nothing to smuggle it behind.
final class CallHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let router: CallRouter
  private let caller: Caller
  private let limits: LocalServer.Limits
  private let connections: Connections
  private var state = State.reading(nil, [])
  private var deadline: Scheduled<Void>?

  private enum State {
    case reading(HTTPRequestHead?, [UInt8])
    case working
    case answered
  }

  init(_ router: CallRouter, _ caller: Caller, _ limits: LocalServer.Limits, _ connections: Connections) {
    self.router = router
    self.caller = caller
    self.limits = limits
    self.connections = connections
  }

  func handlerAdded(context: ChannelHandlerContext) {
    expire(in: limits.requestSeconds, context) { handler, channel in
      handler.send(.problem(CallProblem(.invalid, "call", "", reason: "it took too long to come"), status: 408), on: channel)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .reading(let head, var body) = state else { return }
    switch Self.unwrapInboundIn(data) {
    case .head(let new): state = .reading(new, [])
    case .body(let bytes):
      guard body.count + bytes.readableBytes <= limits.bodyBytes else {
        let reason = "more than \(limits.bodyBytes) bytes"
        return send(.problem(CallProblem(.invalid, "call", "", reason: reason), status: 413), on: context.channel)
      }
      body.append(contentsOf: bytes.readableBytesView)
      state = .reading(head, body)
    case .end: head.map { answer($0, body, context) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  // MARK: the answer

  private func answer(_ head: HTTPRequestHead, _ body: [UInt8], _ context: ChannelHandlerContext) {
    guard head.uri.hasPrefix(CallPath.prefix) else {
      return send(.problem(CallProblem(.notFound, "call", "", reason: "there is nothing at this path")), on: context.channel)
    }
    guard head.method == .POST else {
      return send(
        .problem(CallProblem(.invalid, "call", "", reason: "a call is a POST"), status: 405), on: context.channel)
    }
    state = .working
    connections.isAtWork(context.channel)
    expire(in: limits.replySeconds, context) { handler, channel in
      let remedy = "look whether it was done: thrum alarms; thrum doctor says what is wrong"
      let reason = "the store has not taken it for \(handler.limits.replySeconds) s; it is still tried"
      handler.send(.problem(CallProblem(.unavailable, "call", "", reason: reason, remedy: remedy)), on: channel)
    }
    let name = String(head.uri.dropFirst(CallPath.prefix.count))
    let (router, caller, channel) = (router, caller, context.channel)
    let promise = context.eventLoop.makePromise(of: Answer.self)
    promise.completeWithTask { await router.answer(name, body, by: caller) }
    promise.futureResult.assumeIsolated().whenSuccess { self.send($0, on: channel) }
  }

  private func send(_ answer: Answer, on channel: any Channel) {
    if case .answered = state { return }
    state = .answered
    deadline?.cancel()
    let headers = HTTPHeaders([
      ("Content-Type", "application/json"), ("Content-Length", "\(answer.body.count)"), ("Connection", "close"),
    ])
    let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
    channel.write(HTTPServerResponsePart.head(head), promise: nil)
    channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: answer.body))), promise: nil)
    channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
  }

  /// Replaces the time limit that runs.
  private func expire(
    in seconds: Int64, _ context: ChannelHandlerContext, _ expired: @escaping (CallHandler, any Channel) -> Void
  ) {
    deadline?.cancel()
    let channel = context.channel
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(seconds)) { expired(self, channel) }
  }
}

/// Closes a connection that has sent more than any call needs, whatever it sends.
final class ByteLimit: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  private var left: Int

  init(bytes: Int) { left = bytes }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    left -= Self.unwrapInboundIn(data).readableBytes
    guard left >= 0 else { return context.close(promise: nil) }
    context.fireChannelRead(data)
  }
}
