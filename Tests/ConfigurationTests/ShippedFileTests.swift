import Foundation
import Payloads
import Signal
import Testing

@testable import Configuration

/// config/thrum.toml is what people read first: it must not lie.
@Suite("The shipped thrum.toml")
struct ShippedFileTests {
  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("config/thrum.toml").path

  let text: String

  init() throws { text = try String(contentsOfFile: Self.path, encoding: .utf8) }

  @Test("its values are the defaults of the code")
  func defaults() throws {
    #expect(try ConfigFile.read(Self.path) == parse(""))
  }

  @Test("with every example switched on it is right, and holds the keys with a default in the code at that default")
  func examples() throws {
    let config = try parse(switchedOn)
    #expect(config.plane?.connection.keepaliveSeconds == config.broker.keepaliveSeconds)
    let source = try #require(config.sources.first)
    let plain = try #require(try parse(Example.source("t")).sources.first)
    #expect(source.qos == plain.qos)
    #expect(source.windowSamples == plain.windowSamples)
    #expect(source.overlap == plain.overlap)
    #expect(source.baselineWindows == plain.baselineWindows)
    #expect(config.machines.first?.points.first?.checks == CheckThresholds())
    #expect(source.payloadFormat.scale == plain.payloadFormat.scale)
    #expect(source.payloadFormat.fields.samples == plain.payloadFormat.fields.samples)
    #expect(source.payloadFormat.fields.timeUnit == plain.payloadFormat.fields.timeUnit)
  }

  @Test("it has every key that the tests of the keys know")
  func complete() {
    let missing = KeyTests.cases.map(\.key).filter { key in
      !text.split(separator: "\n").contains { $0.trimmingPrefix(/#? ?/).hasPrefix("\(key) = ") }
    }
    #expect(missing == [])
  }

  @Test("every key has a comment of its own above it, or shares one with its neighbour")
  func commented() {
    let blocks = text.split(separator: "\n\n")
    for block in blocks where block.contains(" = ") { #expect(block.contains("\n# "), "\(block)") }
  }

  /// Lines that begin with `#` and no space are settings that are switched off.
  private var switchedOn: String {
    text.split(separator: "\n").map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }.joined(separator: "\n")
      .replacing("mqtt://127.0.0.1:1883", with: "mqtts://127.0.0.1")
  }
}
