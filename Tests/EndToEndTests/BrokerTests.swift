import Foundation
import TestSupport
import Testing

/// Brokers that are away, refuse, or forget.
@Suite struct BrokerTests {
  @Test("a broker that is not there: thrumd keeps trying, says so, and connects when it comes")
  func away() throws {
    let broker = try Broker()
    broker.stop()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.start()
    let degraded = try #require(gateway.eventually { $0.reasons == ["broker: \(broker.url): connection refused"] })
    #expect(degraded.state == "degraded")
    #expect(!degraded.broker.connected)
    #expect(gateway.logs("Cannot reach the broker"))
    let doctor = try gateway.thrum("doctor")
    #expect(doctor.status == 1)
    #expect(doctor.text.contains(broker.url))
    try broker.restart()
    let healthy = try #require(gateway.eventually { $0.state == "healthy" })
    #expect(healthy.broker.connected && healthy.reasons.isEmpty)
  }

  @Test("a refused subscription is told with its topic; what is granted works")
  func refused() throws {
    let rights = try TemporaryFolder()
    let broker = try Broker(Self.permitting("other/#", in: rights))
    let gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url, ["protocol = \"5\""])
        + "\n[[source]]\ntopic = \"other/{machine}/{point}\"\npayload = \"f32le\"\nunit = \"g\"\nsample_rate_hz = 1000\n")
    try gateway.start()
    let status = try #require(gateway.eventually { $0.broker.connected && $0.state == "degraded" }, "\(gateway.log)")
    #expect(status.reasons.contains { $0.contains("plant/+/+/vib") }, "\(status.reasons)")
    #expect(gateway.log.contains("The broker refused a subscription"))
    try TestPublisher(port: broker.port).publish("other/pump/de", Plant.frame(1))
    #expect(gateway.eventually { $0.point("pump")?.ledger.received == 1 } != nil)
    #expect(gateway.status()?.state == "degraded")
  }

  @Test("a broker that starts again without its sessions: the loss is an event, counting goes on")
  func forgotten() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
    func publish(_ sequences: ClosedRange<Int>) throws {
      try TestPublisher(port: broker.port).publish(Plant.topic("pump"), sequences.map { Plant.frame($0) })
    }
    try publish(1...20)
    #expect(gateway.eventually { $0.received == 20 } != nil)
    #expect(try gateway.thrum("events", "--json").lines.isEmpty)
    broker.kill()
    try broker.restart()
    #expect(
      eventually(within: 30) { (try? gateway.thrum("events", "--json").text.contains("org.thrum.session.lost.v1")) ?? false })
    #expect(gateway.eventually { $0.broker.connected } != nil)
    try publish(24...40)
    let status = try #require(gateway.eventually { $0.received == 37 })
    #expect(status.point("pump")?.ledger.missing == 3)
    #expect(status.point("pump")?.ledger.analysed == 37)
    #expect(status.balances)
    #expect(try gateway.thrum("events", "--json").objects().count == 1)
  }

  @Test("a broker that keeps its sessions over a restart loses nothing while thrumd is away")
  func remembered() throws {
    let broker = try Broker(isPersistent: true)
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
    #expect(gateway.stop() == 0)
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...50).map { Plant.frame($0) })
    try broker.restart()
    try gateway.startConnected()
    let status = try #require(gateway.eventually { $0.received - $0.duplicate == 50 })
    #expect(status.point("pump")?.sequences == [[1, 50]])
    #expect(status.balances)
    #expect(try gateway.thrum("events", "--json").lines.isEmpty)
  }

  /// mosquitto.conf so that nobody may subscribe to anything else; mosquitto's access file only filters, this plugin refuses.
  private static func permitting(_ topic: String, in folder: TemporaryFolder) throws -> [String] {
    try folder.write(
      """
      { "defaultACLAccess": { "publishClientSend": true, "publishClientReceive": true, "subscribe": false, "unsubscribe": true },
        "clients": [], "anonymousGroup": "all", "groups": [ { "groupname": "all", "roles": [ { "rolename": "reader" } ] } ],
        "roles": [ { "rolename": "reader", "acls": [ { "acltype": "subscribePattern", "topic": "\(topic)", "allow": true } ] } ] }
      """, to: "rights.json")
    let folders = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib").map { "/usr/lib/\($0)" } + ["/usr/lib"]
    let plugin = folders.map { $0 + "/mosquitto_dynamic_security.so" }.first(where: FileManager.default.fileExists)
    return ["plugin \(try #require(plugin))", "plugin_opt_config_file \(folder.path("rights.json"))"]
  }
}
