import Signal

@testable import Payloads

extension FuzzTarget {
  static let payloads = PayloadDecoders.all.map(payload)

  /// A decoder with every kind and every form of configuration it takes; the first byte chooses.
  private static func payload(_ type: any PayloadDecoder.Type) -> FuzzTarget {
    let decoders = type.kinds.flatMap { kind in formats(kind).compactMap { try? type.init($0) } }
    return FuzzTarget(
      name: "\(type)",
      seeds: { decoders.indices.flatMap { choice in bodies.map { [UInt8(choice)] + $0 } } },
      read: { input in
        let (chosen, payload) = choice(input)
        let decoder = decoders[chosen % decoders.count]
        guard let measured = try? decoder.decode(payload, receivedAt: UnixTime(nanoseconds: 0)) else { return }
        for case .waveform(let frame) in measured {
          precondition(!frame.samples.isEmpty && frame.samples.count <= payload.count && frame.sampleRateHz > 0)
        }
      })
  }

  private static func formats(_ kind: String) -> [PayloadFormat] {
    let nested = PayloadFormat.Fields(
      samples: "d.v", rate: "d.fs", unit: "d.u", time: "t", timeUnit: .milliseconds, sequence: "n", rpm: "r")
    return [
      PayloadFormat(kind: kind, unit: .gravity, sampleRateHz: 1000),
      PayloadFormat(
        kind: kind, unit: .gravity, sampleRateHz: 1000, scale: -1e9, header: .init(bytes: 13, sequenceAt: 1, timeAt: 5)),
      PayloadFormat(kind: kind, scale: 1e9, fields: nested),
      PayloadFormat(
        kind: kind, sampleRateHz: 1000,
        channels: [.init(name: "a", unit: .gravity), .init(name: "t", measures: .scalar(.temperature, .celsius))]),
      PayloadFormat(kind: kind),
    ]
  }

  private static var bodies: [[UInt8]] {
    [
      text(#"{"samples":[0.5,-1e-3,2,1.25E+2],"more":{"a":[null,true,"\u00e9"]}}"#),
      text(#"{"t":1700000000123,"n":18446744073709551615,"r":1485.5,"d":{"u":"g","fs":2.56e4,"v":[1,2]}}"#),
      text(
        #"{"t":"2026-01-31T23:59:59.5+01:00","n":0,"r":0,"d":{"u":"m/s2","fs":1000,"v":[123456789012345678901234567890e-20]}}"#),
      text(#"{"a":["#), text("["),
      [0xA1, 0x67] + text("samples") + [0x82, 0xFA, 0x3F, 0x00, 0x00, 0x00, 0xC4, 0x82, 0x20, 0x05],
      [0xBF, 0x67] + text("samples") + [0xD8, 0x55, 0x48, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0xFF],
      [0xA4, 0x61] + text("t") + [0xC0, 0x74] + text("2026-01-31T23:59:59Z") + [0x61] + text("n") + [0x01, 0x61] + text("r") + [
        0x00
      ]
        + [0x61] + text("d") + [0xA3, 0x61] + text("u") + [0x61] + text("g") + [0x62] + text("fs") + [0x19, 0x03, 0xE8]
        + [0x61] + text("v") + [0x9F, 0xF9, 0x3E, 0x00, 0xFF],
      [0x82, 0xA5, 0x21, 0x62] + text("x:") + [0x22, 0x19, 0x03, 0xE8, 0x23, 0x61] + text("g") + [0x00, 0x61] + text("a")
        + [0x02, 0xF9, 0x3E, 0x00, 0xA3, 0x00, 0x61] + text("a") + [0x02, 0x20, 0x06, 0x01],
      text(#"[{"bn":"urn:x:","bt":1.7e9,"bu":"g","bv":1,"bver":10,"n":"a","v":0.5,"t":-1e-3},{"n":"a","v":1,"x":[{}]}]"#),
      text(#"[{"n":"t","u":"Cel","v":3.5,"t":-60,"s":1,"ut":9},{"n":"a","v":1},{"n":"b","vs":"\n"},{"n":"c","vb":true}]"#),
      little(UInt8(0)) + little(UInt32(7)) + little(Int64(1_700_000_000_000_000_000))
        + little(UInt64(0x3FF0_0000_0000_0000), 0x47F0_0000_0000_0000, 0x7FF8_0000_0000_0001),
    ]
  }
}
