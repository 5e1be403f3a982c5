import Foundation
import Signal
import Testing

@Suite struct UnixTimeTests {
  @Test(
    "every form of RFC 3339 is read",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.5Z", -500_000_000),
      ("2000-02-29T12:00:00+01:30", 951_820_200_000_000_000),
      ("2023-11-14t22:13:20.123456789z", 1_700_000_000_123_456_789),
      ("2023-11-14T22:13:20.1234567891Z", 1_700_000_000_123_456_789),
      ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
    ] as [(String, Int64)])
  func reads(text: String, nanoseconds: Int64) {
    #expect(UnixTime(rfc3339: text)?.nanoseconds == nanoseconds)
  }

  @Test(
    "anything else is refused",
    arguments: [
      "", "2023-11-14", "2023-11-14 22:13:20Z", "2023-11-14T22:13:20", "2023-11-14T22:13:20.Z", "2023-02-29T00:00:00Z",
      "2023-13-01T00:00:00Z", "2023-11-14T24:00:00Z", "2023-11-14T22:13:20Zx", "2023-11-14T22:13:20+0100", "9999-01-01T00:00:00Z",
    ])
  func refuses(text: String) { #expect(UnixTime(rfc3339: text) == nil) }

  @Test("the ends of the clock can be written too: a message may claim any time")
  func ends() {
    #expect(UnixTime(nanoseconds: .min).rfc3339 == "1677-09-21T00:12:43.145Z")
    #expect(UnixTime(nanoseconds: .max).rfc3339 == "2262-04-11T23:47:16.854Z")
    #expect(UnixTime(nanoseconds: -1).rfc3339 == "1969-12-31T23:59:59.999Z")
  }

  @Test("a written time is read back, and Foundation agrees")
  func roundTrip() throws {
    var generator = SystemRandomNumberGenerator()
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    for _ in 0..<1000 {
      let milliseconds = Int64.random(in: -2_000_000_000_000...9_000_000_000_000, using: &generator)
      let time = UnixTime(nanoseconds: milliseconds * 1_000_000)
      #expect(UnixTime(rfc3339: time.rfc3339) == time)
      let judged = try format.parse(time.rfc3339).timeIntervalSince1970
      #expect(abs(judged - Double(milliseconds) / 1000) < 0.0006)
    }
  }
}
