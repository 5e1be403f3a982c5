import Foundation
import Synchronization
import TestSupport

/// A line to a broker that carries single bytes, and breaks each connection after a number of bytes on the way up.
final class PoorLine: Sendable {
  private let listener: Socket
  private let broker: UInt16
  private let lengths: Mutex<[Int]>

  /// - Parameter lengths: bytes of the first connections; later ones hold.
  init(to broker: UInt16, lengths: [Int]) throws {
    listener = try Socket(listeningOn: 0)
    self.broker = broker
    self.lengths = Mutex(lengths)
    Thread.detachNewThread { [listener, self] in
      while let near = try? listener.accept() { self.carry(near) }
    }
  }

  func close() { listener.shutDown() }

  var url: String { "mqtt://127.0.0.1:\(listener.port)" }
  /// Connections still to be broken.
  var remaining: Int { lengths.withLock { $0.count } }

  private func carry(_ near: Socket) {
    guard let far = try? Socket(connectingTo: broker) else { return near.shutDown() }
    let length = lengths.withLock { $0.isEmpty ? Int.max : $0.removeFirst() }
    Thread.detachNewThread { Self.copy(near, to: far, length) }
    Thread.detachNewThread { Self.copy(far, to: near, .max) }
  }

  private static func copy(_ source: Socket, to target: Socket, _ length: Int) {
    var carried = 0
    while carried < length, let byte = source.receive(1), (try? target.send(byte)) != nil { carried += 1 }
    source.shutDown()
    target.shutDown()
  }
}
