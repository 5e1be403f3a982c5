import Contracts
import Signal
import Testing

@Suite struct JSONTests {
  struct Sample: Codable, Equatable {
    var velocityRmsMmS: Double
    var path: String
    var at: UnixTime
    var missing: Int?
  }

  @Test("keys are snake_case and sorted, slashes stay, times are RFC 3339 with milliseconds")
  func form() throws {
    let sample = Sample(velocityRmsMmS: 2.5, path: "pump/1", at: UnixTime(nanoseconds: 1_700_000_000_123_999_999), missing: nil)
    #expect(JSON.text(sample) == #"{"at":"2023-11-14T22:13:20.123Z","path":"pump/1","velocity_rms_mm_s":2.5}"#)
    let back = try JSON.decode(Sample.self, from: JSON.encode(sample))
    #expect(back.velocityRmsMmS == 2.5)
    #expect(back.at.nanoseconds == 1_700_000_000_123_000_000)
  }

  @Test("what is not a number comes back as what it was")
  func notFinite() throws {
    let values: [Float] = [.nan, .infinity, -.infinity, 1.1]
    let back = try JSON.decode([Float].self, from: JSON.encode(values))
    #expect(back[0].isNaN)
    #expect(back[1...] == values[1...])
  }

  @Test(
    "what cannot be read is told with its place",
    arguments: [
      (#"{"path":"x","at":"2023-11-14T22:13:20Z"}"#, "velocityRmsMmS is missing"),
      (#"{"velocity_rms_mm_s":"x"}"#, "velocityRmsMmS "),
      (#"{"velocity_rms_mm_s":1,"path":"x","at":"yesterday"}"#, "at expected an RFC 3339 time, got yesterday"), ("{", ""),
    ])
  func errors(text: String, reason: String) {
    let error = #expect(throws: JSONError.self) { try JSON.decode(Sample.self, from: text.utf8) }
    #expect(error?.reason.hasPrefix(reason) == true, "\(String(describing: error))")
  }
}
