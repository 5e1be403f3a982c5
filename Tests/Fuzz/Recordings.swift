@testable import Recordings

extension FuzzTarget {
  static let recordings = RecordingFormat.allCases.map(recording)

  /// The first byte chooses the channel.
  private static func recording(_ format: RecordingFormat) -> FuzzTarget {
    FuzzTarget(
      name: format.rawValue,
      seeds: { (0..<2).flatMap { channel in files(format).map { [channel] + $0 } } },
      read: { input in
        let (chosen, file) = choice(input)
        guard let recording = try? Recording.decoded(Array(file), as: format, 1, 1 + chosen % 3) else { return }
        precondition(recording.samples.count <= file.count)
      })
  }

  private static func files(_ format: RecordingFormat) -> [[UInt8]] {
    switch format {
    case .f32, .i16: [little(UInt32(0x3F80_0000), 0x7FC0_0000)]
    case .csv: ["volts;amps\n1.5;2e1\n-3;4\n0.001;7\n", "1,2\r\n3,4\r\n\r\n5,6", "1\t 2"].map(text)
    case .wav: [wav(kind: 1, bits: 16), wav(kind: 1, bits: 24), wav(kind: 3, bits: 32), wav(kind: 0xFFFE, bits: 32)]
    case .uff58: [universalText, universalBinary]
    }
  }

  /// Two channels, and a chunk of odd length that says nothing.
  private static func wav(kind: UInt16, bits: UInt16) -> [UInt8] {
    let subFormat = little(UInt16(22), bits) + little(UInt32(3)) + little(UInt32(3), 0x0010_0000, 0xAA00_0080, 0x719B_3800)
    let form = little(kind, 2) + little(UInt32(8000), 64_000) + little(UInt16(8), bits) + subFormat
    return text("RIFF") + little(UInt32(120)) + text("WAVELIST") + little(UInt32(3)) + [1, 2, 3, 0]
      + text("fmt ") + little(UInt32(form.count)) + form + text("data") + little(UInt32(24)) + [UInt8](repeating: 0x81, count: 24)
  }

  private static var universalText: [UInt8] {
    text("    -1\n    58\n\(universalHeader)  0.00000E+00  1.00000E+00 -2.00000D-01  3.50000E+00\n    -1\n")
  }

  private static var universalBinary: [UInt8] {
    text("    -1\n    58b     1     2          11          16     0     0           0           0\n\(universalHeader)")
      + little(UInt32(0x3F80_0000), 0x4000_0000, 0, 0x7FC0_0000) + text("\n    -1\n")
  }

  /// Eleven lines: a time response of four 32-bit floats, 1 ms apart.
  private static let universalHeader = """
    Drive end
    NONE
    01-JAN-26 00:00:00
    NONE
    NONE
        1         0    0         0       NONE         1   3       NONE         0   0
             2         4         1  0.00000E+00  1.00000E-03  0.00000E+00
            17    0    0    0                 Time                    s
             8    0    0    0         Acceleration                    g
             0    0    0    0                 NONE                 NONE
             0    0    0    0                 NONE                 NONE

    """

  static let manifest = FuzzTarget(
    name: "manifest", seeds: { [text(table)] },
    read: { input in
      guard let rows = try? Manifest.rows(of: Array(input)) else { return }
      for row in rows {
        let snapshots = try? row.snapshots(in: [0, 1, 2, 3, 4, 5, 6, 7])
        precondition(snapshots.map { $0.joined().count == 8 } ?? true)
      }
    })

  private static let table = #"""
    file,dataset,group,machine,point,unit,encoding,scale,sample_rate_hz,snapshots,snapshot_samples,snapshot_interval_s,time_start,rpm,role,label,bpfo_x,bpfi_x,bsf_x,ftf_x
    a.i16,d,g,m,p,g,i16le,0.5,1000,2,4,1,0,1800,test,healthy,3.5,5.4,2.3,0.4
    a.i16,d,g,m,p,g,i16le,,1000,4611686018427387905,4,,,,test,x,,,,
    a.i16,d,g,m,p,g,i16le,,1000,1,8,,,,baseline,"outer, ""small""",,,,

    """#
}
