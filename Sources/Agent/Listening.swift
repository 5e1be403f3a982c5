import Contracts
import Glibc
import Logging
import ServiceLifecycle

/// A listener that cannot be made is tried again: what was in its way may go.
enum Listening {
  /// - Parameter listen: returns after `listening` was called when the daemon stops; throws before where nothing can listen.
  static func keep(
    _ part: Health.Part, _ name: String, _ health: Health, _ log: Logger,
    _ listen: (_ listening: @Sendable () -> Void) async throws(CallProblem) -> Void
  ) async {
    var told = ""
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      do throws(CallProblem) {
        try requireDescriptors(for: name)
        return try await listen {
          health.fine(part)
          // An event loop's start touches much code once.
          ProcessMemory.release()
        }
      } catch {
        health.trouble(part, "\(name): \(error)")
        if "\(error)" != told { log.error("Cannot listen, trying on", metadata: ["error": "\(error)"]) }
        told = "\(error)"
      }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(10)) }
    }
  }

  /// An event loop that cannot have its descriptors would end the process (SwiftNIO): whether they are there is asked before.
  private static func requireDescriptors(for name: String) throws(CallProblem) {
    let descriptors = (0..<needed).map { _ in open("/dev/null", O_RDONLY | O_CLOEXEC) }
    for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
    guard descriptors.contains(where: { $0 < 0 }) else { return }
    throw CallProblem(.unavailable, "listen", name, reason: "too many open files", remedy: "raise LimitNOFILE of the unit")
  }

  /// An event loop's three, its listener, and room for others who open files at that moment.
  private static let needed = 8
}
