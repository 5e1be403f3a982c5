import Store
import Testing

/// A broker session and the ring that watches it.
private final class Session {
  var ring: RedeliveryRing
  init(_ ring: RedeliveryRing = RedeliveryRing(name: "plant")) { self.ring = ring }

  /// Delivers with DUP = 0.
  @discardableResult func first(mid: UInt16, digest: UInt64) -> Bool {
    ring.isDuplicate(mid: mid, digest: digest, isRedelivered: false)
  }
  /// Delivers with DUP = 1.
  func again(mid: UInt16, digest: UInt64) -> Bool { ring.isDuplicate(mid: mid, digest: digest, isRedelivered: true) }
  func reconnect(sessionPresent: Bool = true) { ring.connected(sessionPresent: sessionPresent) }
  func change() -> SessionChange? { ring.takeChange() }
}

@Suite struct RedeliveryRingTests {
  @Test("a message delivered for the first time is new, whatever it holds")
  func fresh() {
    let session = Session()
    for _ in 0..<3 { #expect(!session.first(mid: 7, digest: 1)) }
    #expect(session.change()?.rows.map(\.slot) == [0, 1, 2])
    #expect(session.change() == nil)
  }

  @Test("what is delivered again is a duplicate by packet id and digest, and leaves no new row")
  func exact() {
    let session = Session()
    session.first(mid: 7, digest: 1)
    _ = session.change()
    session.reconnect()
    #expect(session.again(mid: 7, digest: 1))
    #expect(session.again(mid: 7, digest: 1))
    #expect(session.change() == nil)
  }

  @Test("what is delivered again but was never committed is new")
  func unseen() {
    let session = Session()
    session.first(mid: 7, digest: 1)
    session.reconnect()
    #expect(!session.again(mid: 7, digest: 2))
  }

  @Test("under another packet id the digest alone tells, each row once per connection")
  func digestAlone() {
    let session = Session()
    for mid in [1, 2] as [UInt16] { session.first(mid: mid, digest: 5) }
    for _ in 0..<2 {
      session.reconnect()
      #expect(session.again(mid: 10, digest: 5))
      #expect(session.again(mid: 11, digest: 5))
    }
    #expect(!session.again(mid: 12, digest: 5))
  }

  @Test("a row that stood for its own packet id does not serve another one as well")
  func exactUsesTheRow() {
    let session = Session()
    session.first(mid: 1, digest: 5)
    session.reconnect()
    #expect(session.again(mid: 1, digest: 5))
    #expect(!session.again(mid: 2, digest: 5))
  }

  @Test("a lost session clears the ring, in the store too")
  func lost() throws {
    let bench = try Bench()
    let store = try bench.open()
    let session = Session(try store.reader.restoredState(session: "plant").ring)
    session.first(mid: 1, digest: 5)
    try store.commit(change { $0.session = session.change() })
    session.reconnect(sessionPresent: false)
    session.first(mid: 9, digest: 6)
    try store.commit(change { $0.session = session.change() })
    let restored = Session(try store.reader.restoredState(session: "plant").ring)
    #expect(!restored.again(mid: 1, digest: 5))
    #expect(restored.again(mid: 9, digest: 6))
  }

  @Test("a session is known from its first connection on, messages or not")
  func known() throws {
    let bench = try Bench()
    let store = try bench.open()
    #expect(try !store.reader.restoredState(session: "plant").hadSession)
    let session = Session()
    session.reconnect(sessionPresent: false)
    try store.commit(change { $0.session = session.change() })
    #expect(try store.reader.restoredState(session: "plant").hadSession)
    #expect(try !store.reader.restoredState(session: "another").hadSession)
  }

  @Test("the newest 4,096 messages are known, across a restart, like an endless list's newest")
  func capacity() throws {
    let bench = try Bench()
    var all: [(mid: UInt16, digest: UInt64)] = []
    var batches = (0..<90).makeIterator()
    for _ in 0..<3 {
      let store = try bench.open()
      let session = Session(try store.reader.restoredState(session: "plant").ring)
      for _ in 0..<30 {
        guard let batch = batches.next() else { break }
        for number in 0..<64 {
          all.append((UInt16(truncatingIfNeeded: batch * 64 + number), UInt64(batch * 64 + number) &* 0x9E37_79B9_7F4A_7C15))
          session.first(mid: all[all.count - 1].mid, digest: all[all.count - 1].digest)
        }
        try store.commit(change { $0.session = session.change() })
      }
    }
    let restored = try bench.open().reader.restoredState(session: "plant").ring
    for (index, message) in all.enumerated() where index % 41 == 0 || abs(index - (all.count - RedeliveryRing.capacity)) < 5 {
      let session = Session(restored)
      let isKnown = index >= all.count - RedeliveryRing.capacity
      #expect(session.again(mid: message.mid, digest: message.digest) == isKnown)
    }
  }
}
