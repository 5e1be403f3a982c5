import MQTT
import TestSupport
import Testing

@Suite struct PlantSessionTests {
  @Test("what is published arrives in order, once", arguments: [VersionPreference.v5, .v311])
  func arrives(version: VersionPreference) throws {
    let broker = try Broker()
    let session = try plant(broker.url, version: version)
    #expect(session.connect().notices == [.connected(sessionPresent: false)])
    let sent = (0..<500).map { "\($0)" }
    try TestPublisher(port: broker.port).publish("t/a", sent.map(bytes))
    let taken = session.readAll { $0.messages.count >= sent.count }
    #expect(taken.messages.map(text) == sent)
    #expect(session.connection.isConnected)
    session.disconnect()
  }
}
