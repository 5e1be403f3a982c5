import Foundation
import TestSupport
import Testing

/// What a gateway and a plane really say to each other stands in docs/asyncapi.yaml. Judge: jsonschema, in the Python environment of
/// `scripts/setup`.
@Suite struct ProtocolDocumentTests {
  private static let python = repositoryRoot + "/.venv/bin/python3"
  static let isThere = (try? TestSupport.run([python, "-c", "import jsonschema, yaml"])) != nil
  static let hint: Comment = "no jsonschema in .venv (scripts/setup makes it)"

  private struct Judgement: Decodable {
    let seen: [String: Int]
    let problems: [String]
  }

  /// - Parameter said: a line `{"topic":…,"payload":hex}` a message.
  private static func judge(_ said: String) throws -> Judgement {
    let folder = try TemporaryFolder()
    try folder.write(said, to: "said")
    let script = repositoryRoot + "/scripts/golden/protocol_judge.py"
    let text = try TestSupport.run(["/bin/sh", "-c", "\"$0\" \"$1\" < \"$2\"", python, script, folder.path("said")])
    return try JSONDecoder().decode(Judgement.self, from: Data(text.utf8))
  }

  /// Whether all that was heard on a topic is signed.
  private static func isSigned(_ heard: String, _ topic: String) -> Bool {
    let mark = ",\"sig\":\"".utf8.map { String(format: "%02X", $0) }.joined()
    let lines = heard.split(separator: "\n").filter { $0.contains("/up/\(topic)\"") }
    return !lines.isEmpty && lines.allSatisfy { $0.uppercased().contains(mark) }
  }

  /// A repository of one person's that knows the gateway's key.
  /// - Returns: the gateway's lines of configuration.
  private static func enroll(in folder: TemporaryFolder) throws -> (plane: String, models: String) {
    func plane(_ arguments: String...) throws {
      let place = arguments[0] == "keys" && arguments[1] == "generate" ? [] : ["--repository", folder.path("repository")]
      _ = try TestSupport.run([GatewayProcess.program("thrum-plane")] + arguments + place)
    }
    let key = folder.path("one.key")
    try plane("keys", "generate", "--name", "one", "--out", key)
    let own = folder.path("one.pub")
    try plane("keys", "root", "--root", own, "--targets", own, "--fleet", "test=\(own)")
    try plane("approve", "--as", "one", "--key", key)
    try plane("enroll", "test/gw-1", "--out", folder.path("gw-1.key"))
    return (
      "signing_key_file = \"\(folder.path("gw-1.key"))\"",
      "[models]\nroot_file = \"\(folder.path("repository/metadata/1.root.json"))\""
    )
  }

  @Test("an alarm's life, what people do to it, and a broken sensor are said as the document says", .enabled(if: isThere, hint))
  func traffic() throws {
    let (broker, keys) = (try Broker(), try TemporaryFolder())
    let enrolled = try Self.enroll(in: keys)
    let gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url, machines: ["pump"])
        + "\n[plane]\nurl = \"\(broker.url)\"\n\(enrolled.plane)\n\(enrolled.models)\n[local]\noperator_group = \"root\"\nadmin_group = \"root\"\n"
    )
    let heard = gateway.folder.path("heard")
    let listener = try ChildProcess(
      ["mosquitto_sub", "-p", "\(broker.port)", "-q", "1", "-t", "thrum/#", "-F", #"{"topic":"%t","payload":"%x"}"#],
      output: heard)
    try gateway.startConnected()
    #expect(eventually(within: 20) { (try? contents(ofFile: heard))?.contains("up/status") == true })
    let plane = try ChildProcess(
      [
        GatewayProcess.program("thrum-plane"), "serve", "--broker", broker.url, "--db", gateway.folder.path("plane.db"),
        "--repository", keys.path("repository"),
      ])
    let publisher = try TestPublisher(port: broker.port)
    try publisher.publish(Plant.topic("pump"), (1...60).map { Plant.frame($0, velocityRMS: 10) })
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" } != nil)
    for arguments in [
      ["ack", "pump#1", "--note", "seen"], ["shelve", "pump#1", "--for", "1h"], ["unshelve", "pump#1"],
      ["label", "pump#1", "bad", "--fault", "outer"], ["maintenance", "pump/de", "--note", "bearing changed"],
      ["out-of-service", "pump/de"], ["in-service", "pump/de"],
    ] {
      let printed = try gateway.run("thrum", arguments)
      #expect(printed.status == 0, "\(arguments): \(printed.text)")
    }
    try publisher.publish(Plant.topic("pump"), (61...80).map { Plant.block($0, [Float](repeating: 1, count: Plant.samples)) })
    #expect(gateway.eventually { $0.point("pump")?.reason == "sensor_fault" && $0.store.unsentEvents == 0 } != nil)
    let database = ["--db", gateway.folder.path("plane.db")]
    let asked = try gateway.run("thrum-plane", ["ledger", "--gateway", "gw-1", "--ask"] + database)
    #expect(asked.status == 0, "\(asked.text)")
    // A waveform as it is now: with the next frames, in its lane.
    #expect(try gateway.run("thrum-plane", ["evidence", "gw-1", "pump/de"] + database).status == 0)
    #expect(try gateway.run("thrum-plane", ["evidence", "gw-1", "pump"] + database).status == 0)
    #expect(
      try eventually(within: 20) {
        let events = try gateway.run("thrum-plane", ["events", "--json"] + database).text
        return events.contains(#""outcome":"sent","point":"pump/de""#) && events.contains(#""outcome":"unknown""#)
      })
    try publisher.publish(Plant.topic("pump"), (81...120).map { Plant.frame($0, velocityRMS: 1) })
    #expect(
      try eventually(within: 20) {
        try gateway.run("thrum-plane", ["evidence", "--json"] + database).text.contains(#""cause":"asked""#)
      })
    #expect(
      try eventually(within: 20) {
        try gateway.run("thrum-plane", ["events", "--json"] + database).text.contains("org.thrum.asked.v1")
      })
    plane.terminate()

    #expect(eventually(within: 20) { (try? contents(ofFile: heard))?.hasSuffix("\n") == true })
    listener.terminate()
    let judgement = try Self.judge(contents(ofFile: heard))
    #expect(judgement.problems == [])
    for topic in ["hello", "reported", "alarm"] {
      #expect(try Self.isSigned(contents(ofFile: heard), topic), "\(topic) of an enrolled gateway")
    }
    for channel in [
      "hello", "status", "alarm", "event", "trend", "evidence", "reported", "welcome", "ack", "ask", "planeStatus",
    ] {
      #expect(judgement.seen[channel] ?? 0 > 0, "\(channel) was not heard: \(judgement.seen)")
    }
  }

  @Test("the judge sees what is not as the document says", .enabled(if: isThere, hint))
  func wrong() throws {
    let up = "thrum/v1/test/gw-1/up/"
    let said = [
      (up + "hello", #"{"epoch":"12"}"#), (up + "gossip", "{}"), (up + "status", "no JSON"),
      ("thrum/v1/plane/status", #"{"state":"online","plane_incarnation":-1}"#),
    ].map { topic, text in
      #"{"topic":"\#(topic)","payload":"\#(text.utf8.map { String(format: "%02x", $0) }.joined())"}"# + "\n"
    }
    let problems = try Self.judge(said.joined()).problems
    for wanted in ["hello: epoch", "gossip: no such channel", "status: Expecting value", "planeStatus: plane_incarnation"] {
      #expect(problems.contains { $0.contains(wanted) }, "\(wanted): \(problems)")
    }
  }
}
