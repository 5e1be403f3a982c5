import Contracts
import Foundation
import Signal
import Store
import TestSupport
import Testing

@testable import Agent
@testable import ControlPlane
@testable import ModelPackages

/// A real broker, a serving plane, a gateway's uplink: models come, reports go, batches are signed.
@Suite struct UpdateDeliveryTests {
  private func watch(_ site: RepositorySite, _ exchange: UpdateExchange, _ shelf: Shelf) throws -> Running {
    var settings = UpdateWatch.Settings(
      fleet: "demo", gateway: "gw-1", folder: site.folder.path("gateway"),
      root: try #require(try site.repository.metadata("1.root.json")))
    settings.leastSeconds = 0.3
    let watch = UpdateWatch(settings, exchange: exchange, arrivals: shelf, log: silent) {
      UnixTime(seconds: Date().timeIntervalSince1970)
    }
    return Running(watch.run, stop: watch.stop)
  }

  @Test("a package reaches the gateway, and its report the plane; the next one comes when the plane says so")
  func delivered() throws {
    let (site, models) = (try Site(), try RepositorySite())
    let first = try models.publish("1.0.0", windowSamples: 390)
    try models.roll("1.0.0")
    let (exchange, shelf) = (UpdateExchange(answerSeconds: 2), Shelf())
    try site.startPlane(repository: models.repository)
    try site.startUplink(updates: exchange)
    let watch = try watch(models, exchange, shelf)
    defer { watch.stop() }
    #expect(eventually(within: 30) { shelf.digests == [first.digest] })
    #expect(try eventually(within: 30) { try PlaneReader(path: site.database).fleet().first?.models == ["pumps 1.0.0 active"] })
    let second = try models.publish("1.1.0")
    try models.roll("1.1.0")
    #expect(eventually(within: 30) { shelf.digests == [first.digest, second.digest] })
  }

  @Test("a line that breaks in the middle of a package delays it, and costs it nothing else")
  func poorLine() throws {
    let (site, models) = (try Site(), try RepositorySite())
    let package = try models.publish("1.0.0", windowSamples: 390)
    try models.roll("1.0.0")
    let (exchange, shelf) = (UpdateExchange(answerSeconds: 2), Shelf())
    try site.startPlane(repository: models.repository)
    // Bytes on the way up: after hello, among the questions.
    let line = try PoorLine(to: site.broker.port, lengths: [900, 1800, 2700])
    defer { line.close() }
    try site.startUplink(url: line.url, updates: exchange)
    let watch = try watch(models, exchange, shelf)
    defer { watch.stop() }
    #expect(eventually(within: 60) { shelf.digests == [package.digest] })
  }

  @Test("an enrolled gateway is answered and its events arrive; without its key, or with another's, it hears nothing")
  func enrolled() throws {
    let (site, models) = (try Site(), try RepositorySite())
    let key = try SigningKey(name: "gw-1")
    try models.edit { try $0.enroll(try #require(Site.topics), key.key) }
    try site.startPlane(repository: models.repository)
    try site.commitEvents(6)
    for signature in [nil, try BatchSigner(try SigningKey(name: "other"))] {
      try site.startUplink(signature: signature)
      #expect(eventually(within: 20) { site.uplinkCondition.reason == "waiting for the plane's welcome" })
      site.stopUplink()
      #expect(!site.uplinkCondition.isConnected)
      #expect(try PlaneReader(path: site.database).events().isEmpty, "no word of it is believed but that it is there")
    }
    try site.startUplink(signature: try BatchSigner(key))
    #expect(try eventually(within: 30) { try site.isDelivered() })
  }
}
