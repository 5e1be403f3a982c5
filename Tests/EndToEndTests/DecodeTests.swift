import Foundation
import TestSupport
import Testing

/// `thrum decode`: what the daemon would make of a message body.
@Suite struct DecodeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func decode(_ bytes: [UInt8], _ flags: [String]) throws -> Printed {
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path("body")))
    return try GatewayProcess("").run("thrum", ["decode", folder.path("body")] + flags)
  }

  @Test("a raw block becomes a line of JSON; what is unknown is null, what is not applicable left out")
  func raw() throws {
    let printed = try decode(
      [0x00, 0x00, 0x02, 0xFF, 0xFF, 0xFF], ["--payload", "i24be", "--unit", "g", "--rate", "100", "--scale", "0.5"])
    #expect(printed.status == 0)
    #expect(printed.text == "{\"sample_rate_hz\":100,\"samples\":[1,-0.5],\"time\":null,\"unit\":\"g\"}\n")
  }

  @Test("several channels are a line each, named; one that is not read has none")
  func channels() throws {
    let flags = ["--payload", "i16le", "--unit", "g", "--rate", "100", "--channels", "de,-,nde"]
    let printed = try decode([1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0], flags)
    let frames = try printed.objects()
    #expect(frames.map { $0["channel"] as? String } == ["de", "nde"])
    #expect(frames.map { $0["samples"] as? [Double] } == [[1, 4], [3, 6]])
    #expect(try decode([1, 0, 2, 0], flags).text.contains("quarantine it as wrong_length"))
    #expect(try decode([1, 0], flags.dropLast() + ["-,-"]).status == 2)
  }

  @Test("a slow value is told with its quantity, a tacho's block as a speed or as one that holds none")
  func readings() throws {
    let printed = try decode(Array("21.5".utf8), ["--payload", "json", "--quantity", "temperature", "--unit", "°C"])
    #expect(printed.text == "{\"quantity\":\"temperature\",\"time\":null,\"unit\":\"Cel\",\"value\":21.5}\n")
    let flags = ["--payload", "i16le", "--rate", "1000", "--pulses-per-turn", "2"]
    let pulses = (0..<1000).flatMap { turn -> [UInt8] in [turn % 20 < 5 ? 100 : 0, 0] }
    #expect(try decode(pulses, flags).objects().first?["value"] as? Double == 1500)
    #expect(try decode([1, 0, 1, 0], flags).text.contains("quarantine it as no_pulses"))
    #expect(try decode([1], ["--payload", "json", "--quantity", "temperature", "--unit", "bar"]).status == 2)
    #expect(try decode([1], ["--payload", "json", "--quantity", "heat"]).status == 2)
  }

  @Test("the header's number and time are told")
  func header() throws {
    let body: [UInt8] = [7, 0, 0, 0] + [0, 0, 0x64, 0xA7, 0xB3, 0xB6, 0xE0, 0x0D] + [0, 0, 0x80, 0x3F]
    let printed = try decode(
      body,
      ["--payload", "f32le", "--unit", "mm/s", "--rate", "100", "--header-bytes", "12", "--sequence-at", "0", "--time-at", "4"])
    let frame = try #require(try printed.objects().first)
    #expect(frame["sequence"] as? Int == 7 && (frame["time"] as? String)?.hasSuffix("Z") == true)
    #expect(frame["samples"] as? [Double] == [1] && frame["unit"] as? String == "mm/s")
  }

  @Test("fields of JSON lie where they are said to")
  func json() throws {
    let printed = try decode(
      Array(#"{"data":{"values":[1,2],"fs":50},"t":1500,"rpm":1485}"#.utf8),
      [
        "--payload", "json", "--unit", "m/s2", "--field", "samples=data.values", "--field", "rate=data.fs", "--field", "time=t",
        "--time-unit", "ms", "--field", "rpm=rpm",
      ])
    let frame = try #require(try printed.objects().first)
    #expect(frame["sample_rate_hz"] as? Double == 50 && frame["speed_rpm"] as? Double == 1485)
    #expect(frame["time"] as? String == "1970-01-01T00:00:01.500Z" && frame["samples"] as? [Double] == [1, 2])
  }

  @Test("a SenML pack's records of one name are a waveform, or a slow value")
  func senml() throws {
    let pack =
      #"[{"bn":"pump7:","bt":1700000000,"n":"de","u":"m/s2","v":1},{"n":"de","u":"m/s2","t":0.01,"v":2},{"n":"temp","u":"Cel","v":61.5}]"#
    let frame = try #require(try decode(Array(pack.utf8), ["--payload", "senml", "--channels", "de"]).objects().first)
    #expect(
      frame["samples"] as? [Double] == [1, 2] && frame["sample_rate_hz"] as? Double == 100 && frame["unit"] as? String == "m/s2")
    #expect(frame["time"] as? String == "2023-11-14T22:13:20.000Z")
    let reading = try decode(
      Array(pack.utf8), ["--payload", "senml", "--quantity", "temperature", "--unit", "Cel", "--channels", "temp"])
    #expect(try reading.objects().first?["value"] as? Double == 61.5)
    #expect(try decode(Array(pack.utf8), ["--payload", "senml"]).text.contains("say in channels which is which"))
  }

  @Test(
    "what is refused ends with 1, the reason and what the daemon would count",
    arguments: [
      ([], "f32le", "empty_payload"), ([1, 2, 3], "f32le", "wrong_length"), (Array("{".utf8), "json", "malformed"),
      ([0, 0, 0, 0, 0, 0, 0xE0, 0x7F], "f64le", "malformed"),
    ] as [([UInt8], String, String)])
  func refused(body: [UInt8], kind: String, reason: String) throws {
    let printed = try decode(body, ["--payload", kind, "--unit", "g", "--rate", "100"])
    #expect(printed.status == 1 && printed.text.contains("quarantine it as \(reason)"), "\(printed.text)")
  }

  @Test("a body longer than any message is refused")
  func tooLarge() throws {
    let body = [UInt8](repeating: 0, count: 16_777_217)
    let printed = try decode(body, ["--payload", "i16le", "--unit", "g", "--rate", "100"])
    #expect(printed.status == 1 && printed.text.contains("quarantine it as too_large"), "\(printed.text)")
  }

  @Test(
    "wrong usage ends with 2 and names the flag",
    arguments: [
      ["--payload", "f33le"], ["--unit", "furlong"], ["--rate", "0"], ["--scale", "0"], ["--scale", "inf"],
      ["--header-bytes", "-1"],
      ["--sequence-at", "0"], ["--time-unit", "h"], ["--field", "samples=a"],
    ])
  func wrongUsage(flags: [String]) throws {
    let given = ["--payload", "f32le", "--unit", "g", "--rate", "100"]
    let kept = stride(from: 0, to: given.count, by: 2).filter { given[$0] != flags[0] }.flatMap { given[$0...$0 + 1] }
    let printed = try decode([0, 0, 0, 0], kept + flags)
    #expect(printed.status == 2 && printed.text.contains(flags[0]), "\(printed.text)")
  }

  @Test("a raw block needs its unit and rate, a file must be there")
  func missing() throws {
    #expect(try decode([0, 0], ["--payload", "i16le", "--rate", "1"]).text.contains("--unit: needed"))
    #expect(try decode([0, 0], ["--payload", "i16le", "--unit", "g"]).text.contains("--rate: needed"))
    let absent = try GatewayProcess("").run(
      "thrum", ["decode", folder.path("no"), "--payload", "json", "--unit", "g", "--rate", "1"])
    #expect(absent.status == 1 && absent.text.contains("No such file"))
  }
}
