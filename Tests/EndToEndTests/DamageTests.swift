import Foundation
import SQLite
import TestSupport
import Testing

/// A store whose bytes change under thrumd, and copies of it.
@Suite struct DamageTests {
  let broker: Broker
  let gateway: GatewayProcess

  init() throws {
    broker = try Broker()
    gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
  }

  private func publish(_ numbers: ClosedRange<Int>) throws {
    let publisher = try TestPublisher(port: broker.port)
    for number in numbers { try publisher.publish(Plant.topic("pump"), Plant.frame(number)) }
  }

  private func flip(at offset: UInt64) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: gateway.database))
    try file.seek(toOffset: offset)
    try file.write(contentsOf: Data(repeating: 0xA5, count: 600))
    try file.close()
  }

  @Test("thrumd starts on a damaged store, keeps what can be read, and `thrum doctor` tells what was done")
  func damaged() throws {
    try publish(1...20)
    #expect(gateway.eventually { $0.received == 20 } != nil)
    #expect(gateway.stop() == 0)
    try flip(at: 0)
    try gateway.startConnected()
    #expect(gateway.logs("The store was damaged and is salvaged"))
    try publish(21...30)
    let status = try #require(gateway.eventually { $0.received == 30 && $0.balances })
    #expect(status.points[0].sequences == [[1, 30]])
    let doctor = try gateway.thrum("doctor", "--json").text
    #expect(doctor.contains("salvaged"))
    #expect(doctor.contains("set aside"))
    #expect(FileManager.default.fileExists(atPath: gateway.database + ".aside-1"))
  }

  @Test("a backup made beside thrumd is restored when it is stopped; `thrum restore` refuses while it runs")
  func backup() throws {
    try publish(1...10)
    #expect(gateway.eventually { $0.received == 10 } != nil)
    let copy = gateway.folder.path("copy.db")
    #expect(try gateway.thrum("backup", "-o", copy).status == 0)
    try publish(11...20)
    #expect(gateway.eventually { $0.received == 20 } != nil)
    let refused = try gateway.thrum("restore", copy)
    #expect(refused.status == 1)
    #expect(refused.text.contains("keeps this store"))
    #expect(gateway.stop() == 0)
    #expect(try gateway.thrum("restore", copy).status == 0)
    #expect(gateway.status()?.received == 10)
    try gateway.startConnected()
    #expect(gateway.eventually { $0.received == 10 && $0.balances } != nil)
    let doctor = try gateway.thrum("doctor", "--json").text
    #expect(doctor.contains("restored from a copy"))
  }

  @Test("what the daemon wrote to the disk is shown")
  func written() throws {
    try publish(1...5)
    #expect(gateway.eventually { $0.received == 5 } != nil)
    let status = try gateway.thrum("status", "--json").text
    #expect(status.contains("written_bytes_today"))
    #expect(try gateway.thrum("status").text.contains("written"))
  }
}
