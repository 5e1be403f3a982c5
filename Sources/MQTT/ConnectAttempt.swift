import Glibc
import Synchronization

/// A connection in the making. Name look-up, TCP and the first step of TLS block in libmosquitto, for minutes where packets vanish:
/// they run on a thread of their own, so that reading returns in time and a stop is heard.
final class ConnectAttempt: Sendable {
  enum Outcome { case opened, failed(String) }

  private let handle: MosquittoHandle
  private let wakeUp: WakeUp
  private let finished = Mutex<Outcome?>(nil)

  /// The attempt has the handle for itself until there is an outcome.
  init(_ handle: MosquittoHandle, waking wakeUp: WakeUp) {
    self.handle = handle
    self.wakeUp = wakeUp
    start()
  }

  var outcome: Outcome? { finished.withLock { $0 } }

  private func start() {
    let kept = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let code = pthread_create(&thread, nil, { Unmanaged<ConnectAttempt>.run($0) }, kept.toOpaque())
    if code == 0 {
      pthread_detach(thread)
    } else {
      kept.release()
      finished.withLock { $0 = .failed("no thread to connect with: \(String(cString: strerror(code)))") }
    }
  }

  fileprivate func run() {
    let failure = handle.connect()
    finished.withLock { $0 = failure.map(Outcome.failed) ?? .opened }
    wakeUp.poke()
  }
}

extension Unmanaged<ConnectAttempt> {
  fileprivate static func run(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let pointer { fromOpaque(pointer).takeRetainedValue().run() }
    return nil
  }
}
