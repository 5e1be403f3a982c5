import ArgumentParser
import FoundationEssentials
import Glibc
import MQTT
import Synchronization
import Terminal

/// The work of bench/WORK.md: through the broker until SIGTERM, or on a file of frames.
struct Contender: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "contender", abstract: "Do the work of bench/WORK.md.")

  @Option(help: "The model, in WORK.md's form.") var model: String
  @Option(help: "The broker's port on this machine.") var port = 1883
  @Option(help: "QoS of the subscription, 0 or 1.") var qos = 1
  @Option(help: "SQLite file for frames above the threshold.") var db: String?
  @Flag(help: "Publish a message per frame, for latency.") var results = false
  @Flag(help: "Write the features and score of each frame in --frames to --out.") var golden = false
  @Option(help: "Float32 frames of 4096 samples.") var frames: String?
  @Option(help: "Where the 29 features and the score of each frame go, float32.") var out: String?

  func validate() throws {
    let isComplete = golden ? frames != nil && out != nil : db != nil
    guard isComplete else { throw ValidationError("expected --db, or --golden with --frames and --out") }
    guard (0...1).contains(qos) else { throw ValidationError("expected --qos 0 or 1") }
  }

  func run() throws {
    var work = try Work(model: BenchModel(Data(contentsOf: URL(fileURLWithPath: model))))
    if golden, let frames, let out { return try replay(frames, &work, to: out) }
    guard let db else { return }
    work.rows = try EventRows(path: db)
    try listen(&work)
    try work.rows?.commit()
    print(work.report)
  }

  private func replay(_ path: String, _ work: inout Work, to out: String) throws {
    var values = Data()
    for frame in try thrum_bench.frames(ofFile: path) {
      let score = frame.withUnsafeBufferPointer { work.score($0) }
      work.features.withUnsafeBytes { values.append(contentsOf: $0) }
      withUnsafeBytes(of: score) { values.append(contentsOf: $0) }
    }
    try values.write(to: URL(fileURLWithPath: out))
  }

  /// As thrumd's loop: read, analyse, commit when due, acknowledge. Progress leaves with the acknowledgement.
  private func listen(_ work: inout Work) throws {
    let session = MQTTSession(try MQTTEndpoint(url: "mqtt://127.0.0.1:\(port)"), options)
    signal(SIGTERM) { _ in isStopping.store(true, ordering: .relaxed) }
    signal(SIGINT) { _ in isStopping.store(true, ordering: .relaxed) }
    while !isStopping.load(ordering: .relaxed) {
      let batch = session.read(waitSeconds: 0.1)
      for message in batch.messages { try work.take(message) }
      try work.rows?.commitIfDue()
      session.acknowledge(batch, reporting: batch.messages.isEmpty ? [] : reports(on: batch, work))
      work.scores.removeAll(keepingCapacity: true)
    }
    session.disconnect()
  }

  private var options: MQTTSession.Options {
    let subscription = MQTTSession.Subscription("plant/a/+/vib", qos: qos)
    var options = MQTTSession.Options(clientID: "thrum-bench-\(getpid())", kind: .plant, subscriptions: [subscription])
    options.sessionExpirySeconds = 0
    options.batchFrames = 32
    options.lingerSeconds = 0.001
    return options
  }

  private func reports(on batch: Batch, _ work: borrowing Work) -> [(topic: String, payload: [UInt8])] {
    var reports: [(topic: String, payload: [UInt8])] = []
    if results {
      reports = zip(batch.messages, work.scores).map { ($0.topic.dropLast(3) + "res", Array("\($1)".utf8)) }
    }
    reports.append(("bench/progress", Array("\(work.frames)".utf8)))
    return reports
  }
}

private let isStopping = Atomic(false)
