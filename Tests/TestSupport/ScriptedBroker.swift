import Glibc
import Synchronization

/// A broker that does what a test tells it: each connection runs `script` on a thread of its own, byte by byte.
package final class ScriptedBroker: Sendable {
  package let port: UInt16
  private let listener: Socket
  private let seen = Mutex<[Packet]>([])
  private let accepted = Mutex<[Socket]>([])
  private let finished = Atomic<Int>(0)

  /// - Parameter script: gets a fresh connection and the number of connections before it; the connection closes when it returns.
  package init(_ script: @escaping @Sendable (Connection, Int) throws -> Void) throws {
    listener = try Socket(listeningOn: 0)
    port = listener.port
    let listener = listener
    spawnThread { [weak self] in
      var count = 0
      while let socket = try? listener.accept(), let broker = self {
        broker.accepted.withLock { $0.append(socket) }
        let connection = Connection(socket: socket) { [weak broker] packet in broker?.seen.withLock { $0.append(packet) } }
        let number = count
        spawnThread {
          try? script(connection, number)
          socket.shutDown()
          broker.finished.add(1, ordering: .releasing)
        }
        count += 1
      }
    }
  }

  deinit {
    listener.shutDown()
    accepted.withLock { $0.forEach { $0.shutDown() } }
  }

  package var url: String { "mqtt://127.0.0.1:\(port)" }

  /// Every packet that any connection has received, in order.
  package var received: [Packet] { seen.withLock { $0 } }
  /// How many scripts have come to their end.
  package var closed: Int { finished.load(ordering: .acquiring) }
  package func count(_ kind: Packet.Kind) -> Int { received.count { $0.kind == kind } }

  /// One client's connection, as the script sees it.
  package struct Connection: Sendable {
    fileprivate let socket: Socket
    fileprivate let record: @Sendable (Packet) -> Void

    package func send(_ packets: Packet...) throws { try send(packets) }
    /// In one write.
    package func send(_ packets: [Packet]) throws { try socket.send(packets.flatMap(\.bytes)) }

    /// The next packet; throws when the client has gone.
    @discardableResult
    package func receive() throws -> Packet {
      guard let packet = Packet(from: socket) else { throw TestSupportError("the client has closed") }
      record(packet)
      return packet
    }

    /// Receives, answering pings, until one of `kind` comes.
    @discardableResult
    package func receive(_ kind: Packet.Kind) throws -> Packet {
      while true {
        let packet = try receive()
        if packet.kind == .pingreq { try send(Packet(.pingresp)) }
        if packet.kind == kind { return packet }
      }
    }

    /// Receives, answering pings, until the client has gone.
    package func receiveUntilClosed() {
      while let packet = try? receive() {
        if packet.kind == .pingreq { try? send(Packet(.pingresp)) }
      }
    }

    /// Takes CONNECT and SUBSCRIBE as a 3.1.1 broker that grants everything.
    package func welcome(sessionPresent: Bool = false) throws {
      try receive(.connect)
      try send(Packet(.connack, [sessionPresent ? 1 : 0, 0]))
      let subscribe = try receive(.subscribe)
      try send(Packet(.suback, Array(subscribe.body.prefix(2)) + [1]))
    }
  }
}

/// Runs `body` on a new, detached thread.
package func spawnThread(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body))
  let code = pthread_create(
    &thread, nil,
    { pointer in
      if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
      return nil
    }, box.toOpaque())
  precondition(code == 0, "no thread for a test")
  pthread_detach(thread)
}
