import ModelPackages
import Signal
import Testing

/// The repository is the mutations' one, its timestamp signed anew.
@Suite("Reference time")
struct ReferenceTimeTests {
  private let golden: MutationGolden
  init() throws { golden = try MutationGolden.read() }

  /// Days after 2030-06-01; the timestamp of version 2 is good for 2, the snapshot for 8.
  private func day(_ days: Double) throws -> UnixTime {
    try #require(UnixTime(rfc3339: "2030-06-01T00:00:00Z")).advanced(bySeconds: days * 86_400)
  }

  private func published(issued: String, version: Int = 2) throws -> [UTF8Text: [UInt8]] {
    let timestamp = try #require(golden.second["timestamp"])
    let signed = try #require(try SignedJSONParser.parse(timestamp)["signed"]).canonical
    let text = String(decoding: signed, as: UTF8.self).replacing(
      "\"version\":2}", with: "\"version\":\(version),\"x-issued\":\"\(issued)\"}")
    var files = golden.second
    files["timestamp"] = try envelope(Array(text.utf8), keys: [4])
    return files
  }

  private func update(_ store: MemoryStore, clock: UnixTime?, floor: UnixTime, _ files: [UTF8Text: [UInt8]]) -> (
    TrustError?, ReferenceTime?
  ) {
    do throws(TrustError) {
      var updater = try Updater(store: store, initialRoot: nil, time: ReferenceTime(clock: clock, floor: floor)) { request in
        request.version == nil || request.version == 2 ? files[request.role] : nil
      }
      do throws(TrustError) { try updater.refresh() } catch { return (error, updater.time) }
      return (nil, updater.time)
    } catch { return (error, nil) }
  }

  @Test("a clock of 1970 is no time: the build's is, and then the last signed one")
  func floor() throws {
    let store = MemoryStore(golden.first)
    let issued = "2030-06-02T00:00:00Z"
    let result = update(store, clock: UnixTime(nanoseconds: 0), floor: try day(-30), try published(issued: issued))
    #expect(result.0 == nil)
    #expect(result.1?.now.rfc3339 == "2030-06-02T00:00:00.000Z")
    #expect(result.1?.isUncertain == true)
    // The same files: the floor comes from what we keep.
    #expect(update(store, clock: nil, floor: try day(-30), golden.second).1?.now.rfc3339 == "2030-06-02T00:00:00.000Z")
  }

  @Test("what is expired against the floor is expired, whatever the clock says")
  func expiredAgainstFloor() throws {
    let result = update(MemoryStore(golden.first), clock: UnixTime(nanoseconds: 0), floor: try day(3), golden.second)
    #expect(result.0?.kind == .expired)
  }

  @Test("a clock that once ran ahead leaves no trace")
  func farFuture() throws {
    let store = MemoryStore(golden.first)
    #expect(update(store, clock: try day(11_000), floor: try day(0), golden.second).0?.kind == .expired)
    let result = update(store, clock: try day(0), floor: try day(0), golden.second)
    #expect(result.0 == nil)
    #expect(result.1?.isUncertain == false)
  }

  @Test(
    "a signing time that is none, or after the expiry, is no floor",
    arguments: ["soon", "2060-01-01T00:00:00Z", "2030-06-03T00:00:00Z"])
  func notAFloor(issued: String) throws {
    let result = update(MemoryStore(golden.first), clock: nil, floor: try day(0), try published(issued: issued))
    #expect(result.0 == nil)
    #expect(result.1?.now == (try day(0)))
  }
}
