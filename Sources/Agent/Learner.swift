import Anomaly
import Dispatch
import Glibc
import Signal
import Synchronization

/// Learns models from complete baselines: one at a time, on a thread of low priority, so that no commit waits for it.
/// The ingest thread takes what is finished with its next batch; nobody else changes a point.
final class Learner: BlockingWork {
  private struct State {
    var jobs: [TrainingJob] = []
    var finished: [(point: PointID, model: PointModel)] = []
    /// What is being learned at the moment, unless somebody said to forget it.
    var running: PointID?
  }

  private let state = Mutex(State())
  private let work = DispatchSemaphore(value: 0)
  private let stopping = StopFlag()
  private let onFinished: @Sendable () -> Void

  /// - Parameter onFinished: told of each model, on the learner's thread.
  init(onFinished: @escaping @Sendable () -> Void) { self.onFinished = onFinished }

  func learn(_ job: TrainingJob) {
    state.withLock { $0.jobs.append(job) }
    work.signal()
  }

  /// What was or is being learned of this point is not wanted any more.
  func forget(_ point: PointID) {
    state.withLock { state in
      state.jobs.removeAll { $0.point == point }
      state.finished.removeAll { $0.point == point }
      if state.running == point { state.running = nil }
    }
  }

  func takeFinished() -> [(point: PointID, model: PointModel)] {
    state.withLock { state in
      defer { state.finished = [] }
      return state.finished
    }
  }

  /// Blocks until `stop`; a job that is not finished by then is asked for again after the next start.
  func run() {
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
    while true {
      work.wait()
      guard !stopping.isSet else { return }
      guard let job = next() else { continue }
      let model = job.run()
      state.withLock { state in
        if state.running == job.point { state.finished.append((job.point, model)) }
        state.running = nil
      }
      onFinished()
      if isIdle { ProcessMemory.release() }
    }
  }

  private func next() -> TrainingJob? {
    state.withLock { state in
      let job = state.jobs.isEmpty ? nil : state.jobs.removeFirst()
      state.running = job?.point
      return job
    }
  }

  func stop() {
    stopping.set()
    work.signal()
  }

  private var isIdle: Bool { state.withLock { $0.jobs.isEmpty } }

  /// Of this thread alone: on Linux each has its own.
  private static let niceness: Int32 = 10
}
