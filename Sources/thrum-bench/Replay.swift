import Glibc
import ArgumentParser
import FoundationEssentials
import MQTT
import Recordings
import Simulator
import Terminal

/// Publishes recordings as a sensor would, numbered and with the time of capture, round robin over the points.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Publish recordings or simulated signals over MQTT, as the plan on standard input says.",
    discussion: """
      Each message is a header (u32 sequence, i64 nanoseconds since 1970, little-endian) and a block of f32le samples, QoS 1. \
      Prints how many frames each feed got, after the broker has acknowledged all of them.

      EXAMPLE
        echo '{"port":1883,"sample_rate_hz":24414,"frame_samples":4096,"frames_per_second":100,"feeds":[{"topic":"plant/a/b/vib",
        "first_sequence":0,"start_ns":0,"gap_s":1,"recordings":[{"path":"x.f32","encoding":"f32le","scale":1}]}]}' | thrum-bench replay
      """)

  func run() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let plan = try decoder.decode(Plan.self, from: Data(standardInput()))
    var feeds = try plan.feeds.map { try Feed($0, plan) }
    let publisher = try Publisher(port: plan.port)
    var pace = Pacer(perSecond: plan.framesPerSecond)
    while feeds.contains(where: { !$0.isDone }) {
      for index in feeds.indices {
        guard let payload = feeds[index].next() else { continue }
        try pace.wait()
        try publisher.publish(payload, to: feeds[index].topic)
      }
    }
    try publisher.finish()
    print("{\"frames\":[\(feeds.map { "\($0.published)" }.joined(separator: ","))]}")
  }

  struct Plan: Decodable {
    var port: Int
    var sampleRateHz: Double
    var frameSamples: Int
    var framesPerSecond: Double
    var feeds: [FeedPlan]
  }

  struct FeedPlan: Decodable {
    var topic: String
    var firstSequence: UInt32
    /// Of the first sample.
    var startNs: Int64
    /// Between two recordings, which do not belong together.
    var gapS: Double
    var recordings: [Signal]
  }

  /// Either a file, or a signal to be simulated.
  struct Signal: Decodable {
    var path: String?
    var encoding: String?
    var scale: Double?
    var simulated: MachineSimulator.Fault?
    var seed: UInt64?
    var seconds: Double?

    func samples(at rate: Double) throws -> [Float] {
      if let simulated, let seconds {
        var machine = MachineSimulator.Machine()
        machine.sampleRateHz = rate
        var simulator = MachineSimulator(fault: simulated, machine: machine, seed: seed ?? 0)
        return simulator.next(Int(seconds * rate)).samples
      }
      guard let path, let format = RecordingFormat(name: encoding ?? "f32") else {
        throw UsageError("replay: each recording needs path and encoding, or simulated and seconds")
      }
      return try Recording(reading: path, as: format, scale: scale ?? 1).samples
    }
  }
}

extension MachineSimulator.Fault: Decodable {}

/// The frames of one point, in order.
private struct Feed {
  let topic: String
  private(set) var published = 0
  private let frames: [(startNs: Int64, samples: ArraySlice<Float>)]
  private let firstSequence: UInt32

  init(_ feed: Replay.FeedPlan, _ plan: Replay.Plan) throws {
    topic = feed.topic
    firstSequence = feed.firstSequence
    var start = Double(feed.startNs)
    var frames: [(Int64, ArraySlice<Float>)] = []
    for recording in feed.recordings {
      let samples = try recording.samples(at: plan.sampleRateHz)
      for at in stride(from: 0, through: samples.count - plan.frameSamples, by: plan.frameSamples) {
        frames.append((Int64(start + Double(at) / plan.sampleRateHz * 1e9), samples[at..<at + plan.frameSamples]))
      }
      start += (Double(samples.count) / plan.sampleRateHz + feed.gapS) * 1e9
    }
    self.frames = frames
  }

  var isDone: Bool { published == frames.count }

  mutating func next() -> [UInt8]? {
    guard !isDone else { return nil }
    defer { published += 1 }
    let frame = frames[published]
    var payload: [UInt8] = []
    payload.reserveCapacity(12 + frame.samples.count * 4)
    withUnsafeBytes(of: (firstSequence + UInt32(published)).littleEndian) { payload.append(contentsOf: $0) }
    withUnsafeBytes(of: frame.startNs.littleEndian) { payload.append(contentsOf: $0) }
    frame.samples.withUnsafeBytes { payload.append(contentsOf: $0) }
    return payload
  }
}

/// A session that publishes with QoS 1 and knows when the broker has everything.
private final class Publisher {
  private let session: MQTTSession

  init(port: Int) throws {
    var options = MQTTSession.Options(clientID: "thrum-replay", kind: .plane)
    options.maxInFlight = 64
    session = MQTTSession(try MQTTEndpoint(url: "mqtt://127.0.0.1:\(port)"), options)
    for _ in 0..<100 where !session.connection.isConnected { _ = session.read(waitSeconds: 0.1) }
    guard session.connection.isConnected else { throw UsageError("replay: \(session.connection.reason ?? "no broker")") }
  }

  func publish(_ payload: [UInt8], to topic: String) throws {
    while session.inFlight >= 64 { try turn() }
    try session.publish(topic: topic, payload: payload)
  }

  func finish() throws {
    while session.inFlight > 0 { try turn() }
    session.disconnect()
  }

  private func turn() throws {
    _ = session.read(waitSeconds: 0.02)
    guard session.connection.isConnected else { throw UsageError("replay: lost the broker: \(session.connection.reason ?? "")") }
  }
}

/// Holds a rate, whatever the sleep of the moment was.
private struct Pacer {
  private let perSecond: Double
  private let start = ContinuousClock.now
  private var count = 0

  init(perSecond: Double) { self.perSecond = perSecond }

  mutating func wait() throws {
    let due = start + .seconds(Double(count) / perSecond)
    count += 1
    let left = due - .now
    guard left > .zero else { return }
    var time = timespec(tv_sec: Int(left.components.seconds), tv_nsec: Int(left.components.attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
  }
}

private func standardInput() -> [UInt8] {
  var bytes: [UInt8] = []
  while let line = readLine(strippingNewline: false) { bytes.append(contentsOf: line.utf8) }
  return bytes
}
