import Glibc
import MQTT
import Signal

/// What is done to one frame, through the kernels of thrumd, with the time that each stage takes.
struct Work: ~Copyable {
  static let sampleCount = 4096
  static let featureCount = 29

  /// Of the last frame.
  private(set) var features = [Float](repeating: 0, count: featureCount)
  /// Of the frames taken since it was emptied.
  var scores: [Float] = []
  private(set) var frames = 0
  var rows: EventRows?

  private let model: BenchModel
  private let analyzer: WindowAnalyzer
  private var clock = StageClock()

  init(model: BenchModel) throws {
    self.model = model
    analyzer = try WindowAnalyzer(
      sampleCount: Self.sampleCount, sampleRateHz: 25600, list: FeatureExtractors.learned)
  }

  mutating func take(_ message: Message) throws {
    frames += 1
    guard message.payload.count == 4 * Self.sampleCount else { return }
    let score = message.payload.withUnsafeBytes { self.score($0.assumingMemoryBound(to: Float.self)) }
    scores.append(score)
    if score > model.threshold { try rows?.append(topic: message.topic, score: score, features: features) }
    clock.end(.sqlite)
  }

  mutating func score(_ samples: UnsafeBufferPointer<Float>) -> Float {
    clock.begin(frame: frames)
    features.withUnsafeMutableBufferPointer { analyzer.analyze(samples, into: $0) }
    clock.end(.features)
    model.standardize(features)
    let error = model.reconstructionError()
    clock.end(.ae)
    let isolation = model.isolation()
    clock.end(.forest)
    return model.joint(error: error, isolation: isolation)
  }

  /// One line of JSON: frames, rows, microseconds per frame and stage.
  var report: String { "{\"frames\":\(frames),\"events\":\(rows?.count ?? 0),\"stages\":\(clock.json)}" }
}

/// CPU time of this thread by stage, on every eighth frame.
struct StageClock {
  enum Stage: Int, CaseIterable { case features, ae, forest, sqlite }

  private var nanoseconds = [UInt64](repeating: 0, count: Stage.allCases.count)
  private var timedFrames = 0
  private var last: UInt64?

  mutating func begin(frame: Int) {
    last = frame % 8 == 0 ? Self.now() : nil
    if last != nil { timedFrames += 1 }
  }

  mutating func end(_ stage: Stage) {
    guard let begin = last else { return }
    let now = Self.now()
    nanoseconds[stage.rawValue] += now - begin
    last = now
  }

  var json: String {
    let stages = Stage.allCases.map { stage in
      let hundredths = nanoseconds[stage.rawValue] / UInt64(max(1, timedFrames)) / 10
      return "\"\(stage)\":\(Double(hundredths) / 100)"
    }
    return "{\(stages.joined(separator: ","))}"
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
