import Anomaly
import Contracts
import ModelPackages
import Signal
import Store
import Synchronization

/// What is seen of one point's windows for delivered models: evidence of the one on trial or at work, windows for the one in shadow,
/// samples of windows that raised an alarm, and the log of decisions. Written to by the point's worker, and by the thread of models.
final class PointTap: WindowTap {
  let point: PointID
  private let state = Mutex(State())
  private let onWindow: @Sendable () -> Void

  /// A window that waits for the model in shadow.
  struct Waiting: Sendable {
    var shape: ModelShape
    var speedRPM: Double?
    var features: [Float]
    /// Empty where the model does not look at them.
    var samples: [Float]
    var reference: Reference
  }

  /// What others than the delivered model said of a window.
  struct Reference: Sendable {
    /// Rules or another model raise it.
    var isRaised: Bool
    /// Somebody judged it and nobody raises it.
    var isHealthy: Bool
    /// The other model's; `nil` where there is none.
    var score: Score?
  }

  /// Of the model on trial, or at work.
  struct Trial: Sendable {
    var model: LoadedModel
    var stage: ModelStage
    var needsSamples: Bool
  }

  fileprivate struct State {
    var trial: Trial?
    var evidence = RoadEvidence()
    var waiting: [Waiting] = []
    var raised: [RaisedWindow] = []
    var log = DecisionLog()
    var shape: ModelShape?
  }

  /// Windows that wait for the model in shadow; one that comes while so many do is counted as skipped.
  static let mostWaiting = 16

  init(point: PointID, onWindow: @escaping @Sendable () -> Void) { (self.point, self.onWindow) = (point, onWindow) }

  /// From now on this is counted.
  func begin(_ trial: Trial?, _ evidence: RoadEvidence = RoadEvidence()) {
    state.withLock { ($0.trial, $0.evidence, $0.waiting) = (trial, evidence, []) }
  }

  var evidence: RoadEvidence { state.withLock { $0.evidence } }
  var trial: Trial? { state.withLock { $0.trial } }
  /// Of the windows that come now.
  var shape: ModelShape? { state.withLock { $0.shape } }

  /// For the thread of models.
  func takeWaiting() -> (Trial, [Waiting])? {
    state.withLock { state in
      guard let trial = state.trial, trial.stage == .shadow, !state.waiting.isEmpty else { return nil }
      defer { state.waiting = [] }
      return (trial, state.waiting)
    }
  }

  /// Counts, unless another model is on trial by now.
  func count(_ digest: String, _ body: (inout RoadEvidence) -> Void) {
    state.withLock { state in
      guard state.trial?.model.digest == digest else { return }
      body(&state.evidence)
    }
  }

  /// What is to become durable.
  func collect(at now: UnixTime) -> (raised: [RaisedWindow], decisions: [PredictionRow]) {
    state.withLock { state in
      defer { state.raised = [] }
      return (state.raised, state.log.take(at: now, of: point))
    }
  }

  func take(_ window: SeenWindow, samples: () -> [Float]) {
    let hasWork = state.withLock { state in
      state.shape = window.shape
      state.log.add(window)
      if window.hasRisen, state.raised.count < 4 {
        state.raised.append(
          RaisedWindow(point: point, time: window.time, speedRPM: window.speedRPM, shape: window.shape, samples: samples()))
      }
      guard window.isJudged, let trial = state.trial else { return false }
      guard trial.stage == .shadow else {
        state.evidence.count(window, trial.model)
        return false
      }
      return state.wait(window, trial, samples)
    }
    if hasWork { onWindow() }
  }
}

extension PointTap.State {
  /// - Returns: whether something waits.
  fileprivate mutating func wait(_ window: SeenWindow, _ trial: PointTap.Trial, _ samples: () -> [Float]) -> Bool {
    guard trial.model.model.shape.hasWindows(of: window.shape) else { return false }
    guard waiting.count < PointTap.mostWaiting else {
      evidence.skipped += 1
      return true
    }
    waiting.append(
      PointTap.Waiting(
        shape: window.shape, speedRPM: window.speedRPM, features: Array(window.features),
        samples: trial.needsSamples ? samples() : [], reference: window.reference))
    return true
  }
}

extension SeenWindow {
  /// The point's verdict rises with it.
  var hasRisen: Bool { stands.priority != nil && stands > stood }

  /// What is said beside a model in shadow: by everything that is at work.
  var reference: PointTap.Reference {
    PointTap.Reference(
      isRaised: verdict.priority != nil, isHealthy: verdict == .normal && stands == .normal,
      score: delivered?.judgement.score ?? learned)
  }

  /// What is said beside a delivered model at work: by the rules, and by what the point has learned itself.
  var referenceBesideDelivered: PointTap.Reference {
    let others = [rules, learned?.verdict].compactMap { $0 }
    return PointTap.Reference(
      isRaised: others.contains { $0.priority != nil }, isHealthy: !others.isEmpty && others.allSatisfy { $0 == .normal },
      score: learned)
  }
}

extension RoadEvidence {
  /// A window that a delivered model at work has judged.
  mutating func count(_ window: SeenWindow, _ model: LoadedModel) {
    guard let said = window.delivered, said.name == model.name else { return }
    count(said.judgement, nanoseconds: said.tookNanoseconds, model.limits, window.referenceBesideDelivered)
  }

  mutating func count(
    _ judgement: DeliveredModel.Judgement, nanoseconds: UInt64, _ limits: PackageLimits, _ reference: PointTap.Reference
  ) {
    windows += 1
    let microseconds = Double(nanoseconds) / 1000
    longestMicroseconds = max(longestMicroseconds, microseconds)
    if microseconds > Double(limits.maxP99Microseconds) { slow += 1 }
    guard let score = judgement.score else { return unscored += 1 }
    guard score.isUsable else { return notFinite += 1 }
    let isRaised = score.joint >= 1
    if isRaised { raised += 1 }
    if isRaised, !reference.isRaised { raisedAlone += 1 }
    if let other = reference.score {
      compared += 1
      if (other.joint >= 1) == isRaised { agreed += 1 }
    }
    guard reference.isHealthy else { return }
    known += 1
    probability += score.probability
  }
}
