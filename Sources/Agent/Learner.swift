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
      guard let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) else { continue }
      let model = job.run()
      state.withLock { $0.finished.append((job.point, model)) }
      onFinished()
      if isIdle { ProcessMemory.release() }
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
