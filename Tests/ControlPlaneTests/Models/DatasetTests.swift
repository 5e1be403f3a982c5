import Contracts
import Foundation
import ModelPackages
import Signal
import TestSupport
import Testing

@testable import ControlPlane

/// Samples that gateways sent become a table, the same for the same events.
@Suite struct DatasetTests {
  private func store(_ folder: TemporaryFolder, _ events: [(subject: String, data: String)]) throws {
    let store = try PlaneStore(path: folder.path("plane.db"))
    let gateway = try #require(PlaneTopics(fleet: "demo", gateway: "gw-1"))
    let epoch = Epoch.random()
    _ = try store.take(
      Hello(epoch: epoch, parentEpoch: nil, incarnation: 1, nonce: .random(), version: "1", lanes: [:]), from: gateway,
      at: UnixTime(seconds: 1))
    let lines = events.enumerated().map { index, event in
      Array(
        """
        {"data":\(event.data),"datacontenttype":"application/json","id":"gw-1:\(index)","source":"/demo/gw-1","specversion":"1.0",\
        "subject":"\(event.subject)","time":"2026-01-01T00:00:0\(index).000Z","type":"org.thrum.sample.features.v1"}
        """.utf8)
    }
    let batch = EventBatch(
      epoch: epoch, incarnation: 1, lane: .sample, first: 1, prevHash: ChainHash(epoch), events: lines)
    _ = try store.take(batch, from: gateway, at: UnixTime(seconds: 1))
  }

  private func sample(_ values: [Float], names: [String] = ["rms", "kurtosis"], index: Int = 0) -> String {
    let data = Data(values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) } })
    let windows = values.count / names.count
    let speeds = (0..<windows).map { _ in "null" }.joined(separator: ",")
    return
      #"{"features":["\#(names.joined(separator: #"",""#))"],"windows":\#(windows),"first_index":\#(index),"speed_rpm":[\#(speeds)],"#
      + #""values":"\#(data.base64EncodedString())"}"#
  }

  @Test("a row a window, in the order of points and time; what does not fit is left out and counted")
  func table() throws {
    let folder = try TemporaryFolder()
    try store(
      folder,
      [
        ("pump-2/de", sample([1, 2, 3, 4], index: 7)), ("pump-1/de", sample([5, 6])), ("pump-1/de", sample([.nan, 6])),
        ("pump-1/de", sample([1], names: ["other"])), ("pump-1/de", #"{"features":[]}"#),
      ])
    let reader = try PlaneReader(path: folder.path("plane.db"))
    let set = try DatasetExport(reader, fleet: nil, to: folder.path("set"))
    #expect(
      try contents(ofFile: folder.path("set/features.csv")) == """
        fleet,gateway,machine,point,time,index,speed_rpm,rms,kurtosis
        demo,gw-1,pump-1,de,2026-01-01T00:00:01.000Z,0,,5.0,6.0
        demo,gw-1,pump-2,de,2026-01-01T00:00:00.000Z,7,,1.0,2.0
        demo,gw-1,pump-2,de,2026-01-01T00:00:00.000Z,8,,3.0,4.0

        """)
    #expect((set.rows, set.points.count) == (3, 2))
    #expect(set.leftOut == ["not finite": 1, "other features": 1, "unreadable": 1])
    let again = try DatasetExport(reader, fleet: "demo", to: folder.path("again"))
    #expect(again.sha256 == set.sha256)
    let chosen = try DatasetExport(
      reader, fleet: nil, points: try #require(Selector(["*/de", "!pump-1/*"])), to: folder.path("two"))
    #expect((chosen.rows, chosen.points) == (2, ["demo/gw-1/pump-2/de"]))
    #expect(throws: (any Error).self) { try DatasetExport(reader, fleet: nil, to: folder.path("set")) }
    #expect(throws: (any Error).self) { try DatasetExport(reader, fleet: "nobody", to: folder.path("none")) }
  }
}
