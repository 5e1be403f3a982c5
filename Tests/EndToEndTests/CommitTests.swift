import SQLite
import Synchronization
import TestSupport
import Testing

/// No PUBACK before its commit: thrumd against a broker that sees every byte, and a store that other hands hold.
@Suite struct CommitTests {
  let broker: PatientBroker
  let gateway: GatewayProcess

  init() throws {
    broker = try PatientBroker()
    gateway = try GatewayProcess(Plant.configuration(broker: broker.url, ["protocol = \"3.1.1\"", "keepalive_s = 5"]))
    try gateway.startConnected()
  }

  /// Another connection to the store, which may do to it what thrumd cannot foresee.
  private func otherConnection() throws -> Database {
    try Database(path: gateway.database, mode: .readWriteCreate, busyTimeoutMilliseconds: 10_000)
  }

  private func isAcknowledged(_ identifiers: ClosedRange<Int>) -> Bool {
    eventually(within: 30) { broker.acknowledged.count >= identifiers.count } && broker.acknowledged == Array(identifiers)
  }

  private func holdsOnce(_ frames: Int) -> Bool {
    guard let status = gateway.status(), status.balances else { return false }
    return status.received - status.duplicate == frames && status.points.first?.sequences == [[1, UInt64(frames)]]
  }

  @Test("while another connection holds the write lock no PUBACK leaves, after release all do")
  func locked() throws {
    let other = try otherConnection()
    try other.execute("BEGIN IMMEDIATE")
    try broker.send(1...10)
    #expect(gateway.logs("Commit failed"))
    #expect(broker.acknowledged.isEmpty)
    try other.execute("ROLLBACK")
    #expect(isAcknowledged(1...10))
    #expect(holdsOnce(10))
    #expect(gateway.stop() == 0)
  }

  @Test("while a commit fails no PUBACK leaves; the same outcomes are committed once it succeeds")
  func failing() throws {
    let other = try otherConnection()
    try other.execute("CREATE TRIGGER refuse BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'refused by a test'); END")
    try broker.send(1...10)
    #expect(gateway.logs("refused by a test", times: 2))
    #expect(broker.acknowledged.isEmpty)
    try other.execute("DROP TRIGGER refuse")
    #expect(isAcknowledged(1...10))
    #expect(holdsOnce(10))
  }

  @Test("frames without numbers that the broker sends again after a SIGKILL are known by the ring that was committed with them")
  func unnumbered() throws {
    let unnumbered = Plant.configuration(broker: broker.url, ["protocol = \"3.1.1\""])
      .replacing("header_bytes = 4\nsequence_at = 0\n", with: "")
    try gateway.configure(unnumbered)
    #expect(gateway.stop() == 0)
    try gateway.startConnected()
    try broker.send(1...10)
    #expect(isAcknowledged(1...10))
    gateway.kill()
    try gateway.start()
    let status = try #require(gateway.eventually { $0.received == 20 })
    #expect(status.duplicate == 10 && status.balances)
    #expect(status.points.first?.sequences == nil)
  }

  @Test("a store that is full keeps what it has and lets no more PUBACK leave; with room again all is committed once")
  func full() throws {
    try gateway.configure(Plant.configuration(broker: broker.url, ["protocol = \"3.1.1\"", "[store]\nmax_bytes = 16_777_216"]))
    #expect(gateway.stop() == 0)
    try gateway.startConnected()
    let other = try otherConnection()
    try other.execute("CREATE TABLE filler (room BLOB); INSERT INTO filler VALUES (zeroblob(17000000))")
    try broker.send(1...200, machinePerFrame: true)
    #expect(gateway.logs("store.max_bytes is used up"))
    let held = try #require(gateway.status())
    #expect(held.received == broker.acknowledged.count && held.received < 200)
    try other.execute("DROP TABLE filler")
    #expect(eventually(within: 30) { Set(broker.acknowledged) == Set(1...200) })
    #expect(gateway.status()?.points.map(\.ledger.received) == Array(repeating: 1, count: 200))
    #expect(gateway.eventually { $0.state == "healthy" && $0.balances } != nil)
  }

  @Test("SIGTERM while a commit waits: it is committed, acknowledged, and thrumd leaves the broker in good order")
  func stoppedWaiting() throws {
    let other = try otherConnection()
    try other.execute("BEGIN IMMEDIATE")
    try broker.send(1...10)
    #expect(gateway.logs("Commit failed"))
    gateway.askToStop()
    #expect(gateway.logs("Commit failed", times: 2))
    #expect(broker.acknowledged.isEmpty)
    try other.execute("ROLLBACK")
    #expect(gateway.waitUntilExit() == 0)
    #expect(isAcknowledged(1...10))
    #expect(eventually { broker.farewells == 1 })
    #expect(holdsOnce(10))
  }

  @Test("SIGTERM while commits fail: thrumd ends with 0 and the broker gets neither PUBACK nor DISCONNECT")
  func stoppedFailing() throws {
    let other = try otherConnection()
    try other.execute("CREATE TRIGGER refuse BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'refused by a test'); END")
    try broker.send(1...10)
    #expect(gateway.logs("refused by a test"))
    #expect(gateway.stop() == 0)
    #expect(eventually { broker.closed == 1 })
    #expect(broker.acknowledged.isEmpty)
    #expect(broker.farewells == 0)

    // What it left is there when it starts again.
    try other.execute("DROP TRIGGER refuse")
    try gateway.start()
    #expect(isAcknowledged(1...10))
    #expect(gateway.eventually { $0.received == 10 && $0.duplicate == 0 && $0.balances } != nil)
  }

  @Test("a keepalive that runs out while the store is locked: dropped without PUBACK, committed once, redelivery is a duplicate")
  func keepalive() throws {
    let other = try otherConnection()
    try other.execute("BEGIN IMMEDIATE")
    try broker.send(1...10)
    #expect(eventually(within: 30) { broker.closed == 1 })
    #expect(broker.acknowledged.isEmpty)
    #expect(broker.connections == 1)
    try other.execute("ROLLBACK")
    #expect(isAcknowledged(1...10))
    #expect(holdsOnce(10))
    #expect(gateway.status()?.duplicate == 10)
  }
}

/// Grants the subscription and waits to be told what to send; to a later connection it sends it again.
final class PatientBroker: Sendable {
  private let scripted: ScriptedBroker
  private let state: Shared

  private final class Shared: Sendable {
    let client = Mutex<ScriptedBroker.Connection?>(nil)
    let sent = Mutex<[Packet]>([])
    let connections = Atomic<Int>(0)
  }

  init() throws {
    let state = Shared()
    self.state = state
    scripted = try ScriptedBroker { client, connection in
      state.connections.add(1, ordering: .relaxed)
      try client.welcome(sessionPresent: connection > 0)
      try client.send(state.sent.withLock { $0 }.map(\.redelivered))
      state.client.withLock { $0 = client }
      client.receiveUntilClosed()
    }
  }

  var url: String { scripted.url }
  var connections: Int { state.connections.load(ordering: .relaxed) }
  var closed: Int { scripted.closed }
  var farewells: Int { scripted.count(.disconnect) }
  /// Packet identifiers, in order.
  var acknowledged: [Int] { scripted.received.filter { $0.kind == .puback }.map { $0.number(at: 0) } }

  /// Numbered frames of one machine, or of a machine each.
  func send(_ sequences: ClosedRange<Int>, machinePerFrame: Bool = false) throws {
    let packets = sequences.map { sequence in
      Packet.publish(Plant.topic(machinePerFrame ? "m\(sequence)" : "pump"), Plant.frame(sequence), id: sequence)
    }
    state.sent.withLock { $0 += packets }
    try state.client.withLock { try $0?.send(packets) }
  }
}

extension Packet {
  /// As the broker sends it again: with DUP.
  fileprivate var redelivered: Packet {
    var packet = self
    packet.header |= 8
    return packet
  }
}
