import Glibc
import ServiceLifecycle

/// Work that blocks until it is told to stop.
package protocol BlockingWork: Sendable {
  /// Returns after `stop`, when what was in hand is done.
  func run()
  /// Makes `run` return soon; called from any thread.
  func stop()
}

/// Work that blocks, on a thread of its own: never on Swift's cooperative pool, where two sleepers freeze everybody.
struct OwnThread: Service {
  let name: String
  let work: any BlockingWork

  init(name: String, _ work: any BlockingWork) {
    self.name = name
    self.work = work
  }

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await withCheckedThrowingContinuation { (finished: CheckedContinuation<Void, any Error>) in
        do throws(ThreadError) {
          try Self.start(name: name) { [work] in
            work.run()
            finished.resume()
          }
        } catch { finished.resume(throwing: error) }
      }
    } onGracefulShutdown: {
      work.stop()
    }
  }

  struct ThreadError: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs `body` on a new, detached thread.
  static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    let box = Unmanaged.passRetained(Box(body: body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        let box = Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue()
        box.body()
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw ThreadError(description: "start thread \(name): \(String(cString: strerror(code)))")
    }
    pthread_detach(thread)
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
