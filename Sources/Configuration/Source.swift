import Payloads
import Signal

extension ThrumConfig {
  /// One family of topics, all read in the same way: `[[source]]`.
  package struct Source: Sendable, Equatable {
    /// An MQTT filter; the levels `{machine}` and `{point}` name the point, `+` and `#` match anything.
    package var topic: String
    /// 0 or 1.
    package var qos: Int
    package var payloadFormat: PayloadFormat
    /// For all messages, where the topic names none.
    package var machine: String?
    /// For all messages, where the topic names none. Channels put their names behind it.
    package var point: String?
    /// Samples one detection looks at, even.
    package var windowSamples: Int
    /// Part of a window that the next one looks at again, 0 up to 0.9.
    package var overlap: Double
    /// From the start of one message to the next. A point silent for longer is stale, and messages further apart than 1.5 times
    /// their length stand alone; `nil`: neither.
    package var expectedIntervalSeconds: Double?
    /// Healthy windows to learn from before the learned detectors speak; 0: they never do.
    package var baselineWindows: Int

    init(_ table: TableReader) {
      topic = table.text("topic", .topicFilter)
      qos = table.integer("qos", 0...1, default: 1, note: Self.qosReason)
      machine = table.optionalText("machine", .name)
      point = table.optionalText("point", .name)
      windowSamples = table.integer("window_samples", 256...65_536, default: 4096)
      overlap = table.number("overlap", 0...0.9, default: 0.5)
      expectedIntervalSeconds = table.optionalNumber("expected_interval_s", 0.01...604_800)
      baselineWindows = table.integer("baseline_windows", 0...100_000, default: 500)
      payloadFormat = PayloadFormat(table)
      if !windowSamples.isMultiple(of: 2) { table.report("window_samples", "expected an even number, got \(windowSamples)") }
      reportUnnamedPoint(to: table)
      table.finish()
    }

    /// An incoming QoS 2 message is answered before it can be committed.
    private static let qosReason = "with QoS 2 the broker is answered before the frame is safe on disk"

    private func reportUnnamedPoint(to table: TableReader) {
      guard !topic.isEmpty else { return }
      let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
      for (key, value) in [("machine", machine), ("point", point)] {
        switch (levels.contains { $0 == "{\(key)}" }, value != nil) {
        case (false, false) where key == "point" && !payloadFormat.channels.isEmpty: break
        case (false, false): table.report(key, "expected a name here, or a level {\(key)} in topic")
        case (true, true): table.report(key, "expected none, because topic has a level {\(key)}")
        default: break
        }
      }
    }
  }
}

extension PayloadFormat {
  init(_ table: TableReader) {
    self.init(kind: table.text("payload", oneOf: PayloadDecoders.kinds))
    sampleRateHz = table.optionalNumber("sample_rate_hz", 0.001...10_000_000)
    header.bytes = table.integer("header_bytes", 0...4096, default: 0)
    header.sequenceAt = table.optionalInteger("sequence_at", 0...4092)
    header.timeAt = table.optionalInteger("time_at", 0...4088)
    fields = Fields(table.table("fields"))
    readMeaning(table)
    guard !kind.isEmpty else { return }
    do { _ = try PayloadDecoders.decoder(for: self) } catch {
      if !table.isReported(error.key) { table.report(error.key, error.reason) }
    }
  }
}

extension PayloadFormat.Fields {
  init(_ table: TableReader) {
    let value = table.optionalText("value", .fieldPath)
    if value != nil, table.has("samples") {
      table.report("value", "expected none, because samples is given: both name the numbers")
    }
    self.init(samples: table.text("samples", .fieldPath, default: value ?? "samples"))
    rate = table.optionalText("rate", .fieldPath)
    unit = table.optionalText("unit", .fieldPath)
    time = table.optionalText("time", .fieldPath)
    timeUnit = table.choice("time_unit", default: .seconds)
    sequence = table.optionalText("sequence", .fieldPath)
    rpm = table.optionalText("rpm", .fieldPath)
    table.finish()
  }
}
