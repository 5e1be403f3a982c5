import Anomaly
import ArgumentParser
import Glibc
import ModelPackages
import Recordings
import Signal
import Terminal

struct ModelVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a package as a gateway does: digest, bounds, golden windows measured and scored on this machine.",
    discussion: """
      Says nothing of who made it: that is what signatures are for. Exit code 1 when a gateway would not run it; the reason is the \
      one that `thrum models` would give.

      EXAMPLES
        thrum model verify pump.thrum
        thrum model verify pump.thrum --max-p99-us 2000 --json
      """)

  @Argument(help: "A package.", completion: .file())
  var file: String
  @Option(name: .customLong("max-p99-us"), help: "A rollout's gate, beside the package's own limit.")
  var maxP99Microseconds: Int64?
  @Option(name: .customLong("max-bytes"), help: "A rollout's gate, beside the package's own limit.")
  var maxBytes: Int64?
  @OptionGroup var output: Output

  func run() throws {
    do {
      let package = try read()
      var limits = package.limits
      limits.maxP99Microseconds = maxP99Microseconds ?? limits.maxP99Microseconds
      limits.maxBytes = maxBytes ?? limits.maxBytes
      let replay = try GoldenReplay.run(package, limits: limits, nanoseconds: ProcessorTime.nanoseconds)
      let verified = VerifiedPackage(package, replay)
      if output.json { printJSON(verified) } else { print(verified.text) }
    } catch let error as PackageError {
      guard output.json else { throw NotAPackage(file: file, error: error) }
      printJSON(RefusedPackage(reason: error.kind.rawValue, words: error.description))
      throw ExitStatus(1)
    }
  }

  private func read() throws -> ModelPackage {
    guard access(file, F_OK) == 0 else { throw FileTrouble("verify", file) }
    return try ModelPackage(FileBytes.read(file))
  }

  /// With the file's name: several may be verified in a row.
  private struct NotAPackage: Error, CustomStringConvertible {
    let file: String
    let error: PackageError
    var description: String { "\(file.printable): \(error)" }
  }

  private struct RefusedPackage: Encodable {
    let ok = false
    let reason, words: String
  }
}

/// A package that a gateway like this machine would run.
struct VerifiedPackage: Encodable {
  let ok = true
  let model, version, sha256: String
  let goldenWindows: Int
  let worstValueDifference, worstScoreDifference, p99Us: Double
  let memoryBytes: Int

  init(_ package: ModelPackage, _ replay: GoldenReplay) {
    (model, version, sha256) = (package.card.model, package.card.version, package.digest)
    (goldenWindows, worstValueDifference, worstScoreDifference) = (replay.vectors, replay.worstValue, replay.worstScore)
    (p99Us, memoryBytes) = (replay.p99Microseconds, replay.footprintBytes)
  }

  var text: String {
    """
    \(Style.good("ok")): \(model) \(version)
    sha256 \(sha256)
    \(goldenWindows) golden windows; values differ by \(worstValueDifference.short) at most, scores by \(worstScoreDifference.short)
    \(p99Us.short) µs a window (99th of 100), about \(memoryBytes) bytes of memory
    """
  }
}

/// What this thread has worked, whoever else was running.
enum ProcessorTime {
  @Sendable static func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
