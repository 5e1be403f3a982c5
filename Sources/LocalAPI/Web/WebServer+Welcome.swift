import NIOCore
import NIOHTTP1
import NIOSSL

/// What a connection meets before anybody reads its request.
extension WebServer {
  func welcome(_ channel: any Channel) -> EventLoopFuture<Void> {
    let visitor = Visitor(address: channel.remoteAddress?.ipAddress)
    guard mayComeIn(visitor) else { return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported) }
    let surplus = connections.add(channel, of: visitor)
    if surplus === channel { return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported) }
    surplus?.close(promise: nil)
    channel.closeFuture.whenComplete { [connections] _ in connections.remove(channel) }
    return channel.eventLoop.makeCompletedFuture { try addHandlers(to: channel, visitor) }
  }

  /// Asked before TLS begins, for beginning it is what costs.
  private func mayComeIn(_ visitor: Visitor) -> Bool {
    guard identity != nil, !visitor.isLocal else { return true }
    return handshakes.ofOne.take(visitor) && handshakes.ofAll.take()
  }

  private func addHandlers(to channel: any Channel, _ visitor: Visitor) throws {
    let pipeline = channel.pipeline.syncOperations
    let mostBytes = 2 * limits.headerBytes + limits.bodyBytes
    if let identity {
      guard let context = identity.context else { throw ChannelError.operationUnsupported }
      try pipeline.addHandler(ByteLimit(bytes: mostBytes + Self.mostBytesOfTLS))
      try pipeline.addHandler(NIOSSLServerHandler(context: context))
    }
    var decoding = NIOHTTPDecoderLimitConfiguration()
    (decoding.maxHeaderFieldSize, decoding.maxHeaderListSize) = (limits.headerBytes, limits.headerBytes)
    decoding.maxHeaderFieldCount = 64
    try pipeline.addHandler(ByteLimit(bytes: mostBytes))
    try pipeline.addHandler(HTTPResponseEncoder())
    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: decoding)))
    try pipeline.addHandler(HTTPServerProtocolErrorHandler())
    try pipeline.addHandler(WebHandler(self, door(channel, visitor)))
  }

  /// Handshake and records' heads of one request, much more than they are.
  private static let mostBytesOfTLS = 65_536

  /// An address cannot be pointed here by somebody else's name server: the one that was connected to is always a name of this page.
  private func door(_ channel: any Channel, _ visitor: Visitor) -> Door {
    guard identity != nil else { return Door(visitor: visitor) }
    let mine = channel.localAddress?.ipAddress.map { $0.hasPrefix("::ffff:") ? String($0.dropFirst(7)) : $0 }
    return Door(names: WebNames(others: Set(names + [mine].compactMap { $0 })), isEncrypted: true, visitor: visitor)
  }
}
