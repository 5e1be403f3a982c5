import Contracts
import Foundation
import MQTT
import TestSupport
import Testing

/// `thrum-plane` as its users meet it: a process, exit codes, what it prints.
@Suite struct ThrumPlaneTests {
  let folder: TemporaryFolder
  let broker: Broker

  init() throws {
    folder = try TemporaryFolder()
    broker = try Broker()
  }

  var database: String { folder.path("plane.db") }

  func run(_ arguments: String...) throws -> (text: String, status: Int32) { try run(arguments) }

  func run(_ arguments: [String]) throws -> (text: String, status: Int32) {
    let output = folder.path("output-\(UUID().uuidString)")
    let process = try ChildProcess([GatewayProcess.program("thrum-plane")] + arguments, output: output)
    let status = process.waitUntilExit()
    return (try String(contentsOfFile: output, encoding: .utf8), status)
  }

  func serve() throws -> ChildProcess {
    try ChildProcess(
      [GatewayProcess.program("thrum-plane"), "serve", "--broker", broker.url, "--db", database], output: folder.path("log"))
  }

  @Test("what was acknowledged is there after a kill -9, once, and shown as the gateway wrote it")
  func killed() throws {
    let gateway = try TalkingGateway(broker.url)
    var plane = try serve()
    #expect(gateway.delivers(1...3))
    plane.kill()
    #expect(try run("events", "--db", database, "--json").text.split(separator: "\n").count == 3)
    plane = try serve()
    #expect(gateway.delivers(1...3))
    #expect(gateway.delivers(4...5))
    plane.send(SIGTERM)
    #expect(plane.waitUntilExit() == 0)
    #expect(
      gateway.hears { $0.topic == PlaneTopics.planeStatus && String(decoding: $0.payload, as: UTF8.self).contains("offline") })

    let lines = try run("events", "--db", database, "--json").text.split(separator: "\n").map { Array($0.utf8) }
    #expect(lines == (1...5).map(TalkingGateway.event))
    #expect(try run("events", "--db", database, "--json", "--last", "2").text.split(separator: "\n").count == 2)
    for verb in ["events", "gaps", "ledger", "forks", "evidence", "report"] {
      let unknown = try run(verb, "--db", database, "--gateway", "nobody")
      #expect(unknown.status == 2 && unknown.text.contains("known are gw-7"), "\(verb): \(unknown.text)")
      #expect(try run(verb, "--db", database, "--gateway", "gw-7").status == 0, "\(verb)")
    }
    let set = try run("dataset", "export", folder.path("set"), "--db", database, "--fleet", "nowhere")
    #expect(set.status == 2 && set.text.contains("known are test"), "\(set.text)")
    let fleet = try run("fleet", "--db", database)
    #expect(fleet.status == 0)
    #expect(fleet.text.contains("test/gw-7"))
    #expect(
      try run("fleet", "--db", database, "--json").text.contains(
        #""lanes":{"alarm":5,"event":0,"evidence":0,"sample":0,"trend":0}"#))
    for text in [fleet.text, try run("events", "--db", database).text] {
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
      #expect(!text.contains("\u{1B}"))
    }
  }

  @Test("a gateway is asked for an event's waveforms, and for its counts, by whoever may write beside the database")
  func asking() throws {
    let gateway = try TalkingGateway(broker.url)
    let plane = try serve()
    #expect(gateway.delivers(1...3))
    for (arguments, wanted) in [
      (["evidence", "gw-7", "gw-7:2", "--db", database], #""event":"gw-7:2""#),
      (["ledger", "--gateway", "gw-7", "--ask", "--db", database], #""what":"ledger""#),
    ] {
      let asked = try run(arguments)
      #expect(asked.status == 0, "\(asked.text)")
      #expect(
        gateway.hears {
          $0.topic == "thrum/v1/test/gw-7/down/ask" && String(decoding: $0.payload, as: UTF8.self).contains(wanted)
        })
    }
    #expect(try run("evidence", "gw-8", "gw-8:1", "--db", database).status == 2)
    #expect(try run("evidence", "gw-7", "--db", database).status == 2)
    #expect(try run("ledger", "--ask", "--db", database).status == 2)
    plane.terminate()
  }

  @Test("wrong usage ends with 2, what cannot be done with 1 and the file's name, help with 0")
  func exitCodes() throws {
    #expect(try run("serve").status == 2)
    #expect(try run("serve", "--broker", "http://x", "--db", database).status == 2)
    #expect(try run("events", "--db", database, "--lane", "trends").status == 2)
    let enrolled = try run("enroll", "plant/gw-1", "--repository", folder.path("no/such/repository"), "--out", folder.path("key"))
    #expect(enrolled.status == 1 && enrolled.text.contains("--repository DIR or THRUM_PLANE_REPOSITORY"), "\(enrolled.text)")
    let missing = try run("fleet", "--db", database)
    #expect(missing.status == 1)
    #expect(missing.text.contains(database))
    for verb in ["serve", "events", "fleet", "gaps", "ledger", "forks", "acl"] {
      let help = try run(verb, "-h")
      #expect(help.status == 0)
      #expect(help.text.contains("EXAMPLES"))
    }
  }
}

/// A gateway reduced to its words.
private final class TalkingGateway {
  private let session: MQTTSession
  private let epoch = Epoch.random()
  private let nonce = Nonce.random()
  private let up = "thrum/v1/test/gw-7/up/"

  init(_ url: String) throws {
    session = MQTTSession(
      try MQTTEndpoint(url: url),
      .init(clientID: "gw-7", kind: .plane, subscriptions: [.init("thrum/v1/test/gw-7/down/#"), .init(PlaneTopics.planeStatus)]))
  }

  static func event(_ number: Int) -> [UInt8] {
    Array(
      """
      {"data":{},"datacontenttype":"application/json","id":"gw-7:\(number)","source":"/test/gw-7","specversion":"1.0",\
      "subject":"pump-7/drive-end","time":"2026-01-01T00:00:00.000Z","type":"org.thrum.alarm.raised.v1"}
      """.utf8)
  }

  /// Says hello and sends the numbers, again and again, until they are acknowledged.
  func delivers(_ numbers: ClosedRange<Int>) -> Bool {
    let before = (1..<numbers.lowerBound).reduce(ChainHash(epoch)) { $0.appending(Self.event($1)) }
    let batch = EventBatch(
      epoch: epoch, incarnation: 1, lane: .alarm, first: UInt64(numbers.lowerBound), prevHash: before,
      events: numbers.map(Self.event))
    let hello = Hello(epoch: epoch, parentEpoch: nil, incarnation: 1, nonce: nonce, version: "1", lanes: [:])
    return hears(while: {
      try? self.session.publish(topic: self.up + "hello", payload: hello.encoded)
      try? self.session.publish(topic: self.up + "alarm", payload: batch.encoded)
    }) { (try? Ack.decode($0.payload))?.through == UInt64(numbers.upperBound) }
  }

  func hears(while doing: () -> Void = {}, _ wanted: (Message) -> Bool) -> Bool {
    eventually(within: 20) {
      doing()
      return session.read(waitSeconds: 0.2).messages.contains(where: wanted)
    }
  }
}
