import Contracts
import Logging
import ModelPackages
import Signal
import Synchronization

/// Looks for new models: at the start, when the plane says "look", and every few hours. Blocks; on a thread of its own.
package final class UpdateWatch: BlockingWork {
  package struct Settings: Sendable {
    package var fleet: String
    package var gateway: String
    /// Below the state folder.
    package var folder: String
    package var root: [UInt8]
    package var maxBytes: Int64 = 32 << 20
    package var checkHours = 6.0
    /// Seconds between two checks at least, however often somebody calls.
    package var leastSeconds = 30.0

    package init(fleet: String, gateway: String, folder: String, root: [UInt8]) {
      (self.fleet, self.gateway, self.folder, self.root) = (fleet, gateway, folder, root)
    }
  }

  private let settings: Settings
  private let exchange: UpdateExchange
  private let arrivals: any ModelArrivals
  private let clock: @Sendable () -> UnixTime?
  private let log: Logger
  private let stopping = StopFlag()
  private let atWork = Mutex(())

  /// - Parameter clock: `nil` when there is none that is believed.
  package init(
    _ settings: Settings, exchange: UpdateExchange, arrivals: any ModelArrivals, log: Logger,
    clock: @escaping @Sendable () -> UnixTime?
  ) {
    (self.settings, self.exchange, self.arrivals, self.log, self.clock) = (settings, exchange, arrivals, log, clock)
  }

  package func run() {
    var pace = UpdatePace(checkSeconds: settings.checkHours * 3600, leastSeconds: settings.leastSeconds)
    var report = UpdateReport()
    while !stopping.isSet {
      let (calls, canAsk) = exchange.occasion
      pace.hear(calls: calls, now: MonotonicClock.preciseSeconds())
      if canAsk, pace.isDue(calls: calls, now: MonotonicClock.preciseSeconds()) { look(&pace, &report, calls: calls) }
      if let bytes = report.due(arrivals.report, now: MonotonicClock.preciseSeconds()) { exchange.report(bytes) }
      let seconds = pace.seconds(calls: calls, from: MonotonicClock.preciseSeconds())
      exchange.rest(seconds: canAsk ? min(Self.reportSeconds, seconds) : Self.reportSeconds)
    }
  }

  private static let reportSeconds = 10.0

  private func look(_ pace: inout UpdatePace, _ report: inout UpdateReport, calls: Int) {
    let source = LinkedRepository(exchange: exchange) { [stopping] in stopping.isSet }
    do throws(TrustError) {
      let outcome = try run(source)
      report.checked(at: clock(), outcome.failures)
      let now = MonotonicClock.preciseSeconds()
      // What was not taken is tried again sooner than in hours.
      if outcome.failures.isEmpty {
        pace.checked(calls: calls, isNews: outcome.packages > 0, now: now)
      } else {
        pace.failed(calls: calls, now: now)
      }
      for error in outcome.failures { log.warning("A rollout was not taken", metadata: ["reason": "\(error)"]) }
      if outcome.packages > 0 { log.notice("Fetched new models", metadata: ["packages": "\(outcome.packages)"]) }
    } catch {
      pace.failed(calls: calls, now: MonotonicClock.preciseSeconds())
      report.failed(error)
      log.warning("No update of models", metadata: ["reason": "\(error)"])
    }
  }

  /// From a folder that somebody brought; the same check.
  func bring(from folder: String) throws(TrustError) -> UpdateCycle.Outcome { try run(RepositoryFolder(folder)) }

  /// One update at a time.
  private func run(_ source: some RepositorySource) throws(TrustError) -> UpdateCycle.Outcome {
    let cycle = cycle
    return try atWork.withLock { _ throws(TrustError) in try cycle.run(from: source) }
  }

  private var cycle: UpdateCycle {
    UpdateCycle(
      folder: UpdateFolder(path: settings.folder, maxBytes: settings.maxBytes), fleet: settings.fleet,
      gateway: settings.gateway, root: settings.root, arrivals: arrivals, clock: clock())
  }

  package func stop() {
    stopping.set()
    exchange.stop()
  }
}

/// When to look next. Pure; seconds of a clock that never goes back.
struct UpdatePace: Equatable {
  let checkSeconds: Double
  let leastSeconds: Double
  private var next = 0.0
  /// Not before, whoever calls.
  private var earliest = 0.0
  private var heard = 0
  private var answered = 0
  private var failures = 0
  /// Calls that brought nothing in a row.
  private var idle = 0

  private static let most = 3600.0

  init(checkSeconds: Double, leastSeconds: Double) {
    (self.checkSeconds, self.leastSeconds) = (checkSeconds, leastSeconds)
  }

  /// A fleet that is called at once does not answer at once: within a third of the least time between two checks.
  mutating func hear(calls: Int, now: Double) {
    let isWaited = heard != answered
    guard calls != heard else { return }
    heard = calls
    // A flood of calls must not put off what it calls for.
    if isWaited { return }
    earliest = max(earliest, now + Double.random(in: 0...leastSeconds / 3))
  }

  private func due(_ calls: Int) -> Double { calls == answered ? max(next, earliest) : earliest }

  func isDue(calls: Int, now: Double) -> Bool { now >= due(calls) }

  mutating func checked(calls: Int, isNews: Bool, now: Double) {
    // Who calls for nothing again and again is listened to less and less.
    idle = isNews ? 0 : min(idle + 1, 16)
    (answered, failures) = (calls, 0)
    earliest = now + jittered(min(Self.most, leastSeconds * Double(1 << max(0, idle - 2))))
    next = now + jittered(checkSeconds)
  }

  mutating func failed(calls: Int, now: Double) {
    failures = min(failures + 1, 16)
    answered = calls
    earliest = now + jittered(min(Self.most, leastSeconds * Double(1 << (failures - 1))))
    next = earliest
  }

  func seconds(calls: Int, from now: Double) -> Double { max(0.05, due(calls) - now) }

  private func jittered(_ seconds: Double) -> Double { seconds * Double.random(in: 0.8...1.2) }
}
