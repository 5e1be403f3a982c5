import Contracts
import Signal
import Testing

@Suite struct PlaneMessagesTests {
  static let epoch = Epoch(unchecked: Array(0..<16))
  static let nonce = Nonce(unchecked: Array(16..<32))

  @Test("a hello has the keys of the protocol, and null where there is no parent")
  func hello() throws {
    let hello = Hello(
      epoch: Self.epoch, parentEpoch: nil, incarnation: 3, nonce: Self.nonce, version: "0.1.0",
      lanes: [.alarm: .init(last: 0, hash: ChainHash(Self.epoch))])
    #expect(
      String(decoding: hello.encoded, as: UTF8.self) == """
        {"epoch":"\(Self.epoch)","incarnation":3,"lanes":{"alarm":{"hash":"\(Self.epoch)","last":0}},\
        "nonce":"\(Self.nonce)","parent_epoch":null,"version":"0.1.0"}
        """)
    #expect(try Hello.decode(hello.encoded) == hello)
  }

  @Test("answers come back as they were sent")
  func answers() throws {
    let position = Welcome.Position(through: 7, hash: ChainHash(Self.epoch).appending([1]))
    let welcome = Welcome(epoch: Self.epoch, nonce: Self.nonce, planeIncarnation: 2, window: 4, lanes: [.event: position])
    #expect(try Welcome.decode(welcome.encoded) == welcome)
    let ack = Ack(epoch: Self.epoch, lane: .alarm, nonce: Self.nonce, planeIncarnation: 2, through: 7, hash: position.hash)
    #expect(try Ack.decode(ack.encoded) == ack)
    #expect(String(decoding: ack.encoded, as: UTF8.self).contains(#""plane_incarnation":2"#))
    let nack = Nack(epoch: Self.epoch, lane: .event, nonce: Self.nonce, expected: 8)
    #expect(try Nack.decode(nack.encoded) == nack)
    let status = GatewayStatus(
      state: .offline, connectedAt: UnixTime(nanoseconds: 0), epoch: Self.epoch, incarnation: 1, version: "0.1.0")
    #expect(try GatewayStatus.decode(status.encoded) == status)
  }

  @Test(
    "a message that is not as it must be is refused",
    arguments: [
      "", "null", "[]", "{}", "{\"expected\":1}", String(repeating: "[", count: 4000), String(repeating: " ", count: 5000),
      "{\"epoch\":\"\(epoch)\",\"lane\":\"alarm\",\"nonce\":\"\(nonce)\",\"expected\":0}",
      "{\"epoch\":\"\(epoch)\",\"lane\":\"alarm\",\"nonce\":\"\(nonce)\",\"expected\":-1}",
      "{\"epoch\":\"\(epoch)\",\"lane\":\"trends\",\"nonce\":\"\(nonce)\",\"expected\":1}",
      "{\"epoch\":\"\(epoch)\",\"lane\":\"alarm\",\"nonce\":\"00\",\"expected\":1}",
      "{\"epoch\":\"\(epoch)\",\"lane\":\"alarm\",\"nonce\":\"\(nonce)\",\"expected\":99999999999999999999}",
    ])
  func malformed(text: String) {
    #expect(throws: PlaneMessageError.self) { try Nack.decode(Array(text.utf8)) }
  }
}

@Suite struct HostileBytesTests {
  @Test("random damage to a message is refused or read as another valid message, and stops nobody", arguments: 1...4)
  func damage(seed: UInt64) {
    var state = seed
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let hello = Hello(
      epoch: PlaneMessagesTests.epoch, parentEpoch: PlaneMessagesTests.epoch, incarnation: 3, nonce: PlaneMessagesTests.nonce,
      version: "0.1.0", lanes: [.alarm: .init(last: 7, hash: ChainHash(PlaneMessagesTests.epoch))])
    for _ in 0..<5000 {
      var payload = random(2) == 0 ? hello.encoded : EventBatchTests.batch.encoded
      for _ in 0...random(4) where payload.count > 1 {
        let index = random(payload.count)
        switch random(3) {
        case 0: payload[index] = UInt8(random(256))
        case 1: payload.insert(contentsOf: payload[index...].prefix(random(40)), at: random(payload.count))
        default: payload.removeSubrange(index..<min(payload.count, index + random(20) + 1))
        }
      }
      if let read = try? Hello.decode(payload) { #expect(read.isValid) }
      if let read = try? EventBatch(decoding: payload) { #expect(read.hashes.last == read.header.hash) }
    }
  }
}

@Suite struct PlaneTopicsTests {
  @Test("a gateway's topics, and what a plane reads in them")
  func topics() throws {
    let topics = try #require(PlaneTopics(fleet: "demo", gateway: "gw-1"))
    #expect(topics.hello == "thrum/v1/demo/gw-1/up/hello")
    #expect(topics.ack == "thrum/v1/demo/gw-1/down/ack")
    #expect(UpTopic(topics.hello)?.kind == .hello)
    #expect(UpTopic(topics.batch(.alarm))?.kind == .batch(.alarm))
    #expect(UpTopic(topics.batch(.event))?.gateway == topics)
  }

  @Test("names that are no names", arguments: ["", "A", "a.b", "a/b", "+", "#", "é", String(repeating: "a", count: 64)])
  func names(name: String) {
    #expect(PlaneTopics(fleet: name, gateway: "gw") == nil)
    #expect(PlaneTopics(fleet: "demo", gateway: name) == nil)
  }

  @Test(
    "topics that are no gateway's",
    arguments: [
      "", "thrum/v1/plane/status", "thrum/v2/demo/gw/up/hello", "thrum/v1/demo/gw/down/hello", "thrum/v1/demo/gw/up",
      "thrum/v1/demo/gw/up/hello/x", "thrum/v1/Demo/gw/up/hello", "thrum/v1/demo/gw/up/trends",
    ])
  func foreign(topic: String) {
    #expect(UpTopic(topic) == nil)
  }
}

@Suite struct EventBatchTests {
  static let epoch = Epoch(unchecked: Array(0..<16))
  static let events = ["{\"id\":\"1\"}", "{\"id\":\"2\"}", "x"].map { Array($0.utf8) }
  static let batch = EventBatch(
    epoch: epoch, incarnation: 1, lane: .event, first: 5, prevHash: ChainHash(epoch), events: events)

  @Test("a batch is a header line and an event a line, and comes back as it was")
  func roundTrip() throws {
    let payload = Self.batch.encoded
    let lines = payload.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    #expect(lines.count == 4)
    #expect(Array(lines.dropFirst()) == Self.events)
    #expect(try BatchHeader.decode(lines[0]) == Self.batch.header)
    #expect(Self.batch.header.last == 7)
    #expect(try EventBatch(decoding: payload) == Self.batch)
    #expect(try EventBatch(decoding: payload + [UInt8(ascii: "\n")]) == Self.batch)
  }

  @Test("every single flipped bit is refused, or gives another header that still fits its body")
  func flippedBits() throws {
    let payload = Self.batch.encoded
    let header = payload.prefix { $0 != UInt8(ascii: "\n") }.count
    for index in payload.indices {
      for bit in 0..<8 {
        var damaged = payload
        damaged[index] ^= 1 << bit
        guard let read = try? EventBatch(decoding: damaged) else { continue }
        #expect(index < header && read.events == Self.events, "byte \(index), bit \(bit)")
      }
    }
  }

  @Test("every truncated batch is refused")
  func truncated() {
    for count in 0..<Self.batch.encoded.count {
      #expect(throws: PlaneMessageError.self) { try EventBatch(decoding: Array(Self.batch.encoded.prefix(count))) }
    }
  }

  @Test("too many bytes and too many lines are refused")
  func bounded() {
    let header = Self.batch.header.encoded
    let lines = [UInt8](repeating: UInt8(ascii: "\n"), count: EventBatch.maxReceivedBytes - header.count)
    #expect(throws: PlaneMessageError.self) { try EventBatch(decoding: header + lines) }
    #expect(throws: PlaneMessageError.self) { try EventBatch(decoding: header + lines + [0]) }
  }

  @Test(
    "a header with numbers that cannot be is refused",
    arguments: [(0, 2), (5, 4), (1, UInt64.max), (UInt64.max, UInt64.max)] as [(UInt64, UInt64)])
  func numbers(first: UInt64, last: UInt64) {
    var header = Self.batch.header
    header.first = first
    header.last = last
    #expect(throws: PlaneMessageError.self) { try BatchHeader.decode(header.encoded) }
  }
}
