import Configuration
import Contracts
import Logging
import MQTT
import Store
import Synchronization

/// A way to tell somebody. Blocks, within its own time limit.
protocol NoticeChannel: Sendable {
  /// - Throws: why he was not told.
  func send(_ notice: Notice, stopping: StopFlag) throws(NoticeError)
}

struct NoticeError: Error, CustomStringConvertible {
  let description: String
}

/// Tells one `[[notify]]` by command or webhook of what the lane of alarms has: in order, each until it was taken or twelve tries
/// failed; at least once, and after a restart from where it was.
final class Notifier: BlockingWork {
  private let name: String
  private let queue: NoticeQueue
  private let channel: any NoticeChannel
  private let path: String
  private let perHour: Int
  private let told: NotifyHealth
  private let log: Logger
  private let stopping = StopFlag()
  private let isNews = Atomic<Bool>(true)

  init(
    _ settings: ThrumConfig.Notify, _ channel: any NoticeChannel, _ queue: NoticeQueue, stateFolder: String, health: NotifyHealth,
    log: Logger
  ) {
    (name, perHour, self.channel, self.queue, told, self.log) = (
      settings.name, settings.maxPerHour, channel, queue, health, log
    )
    path = "\(stateFolder)/notify-\(settings.name).json"
  }

  func stop() { stopping.set() }

  /// Something was committed; from any thread.
  func wake() { isNews.store(true, ordering: .relaxed) }

  func run() {
    var place = begin()
    var pace = NoticePace(perHour: perHour, at: MonotonicClock.preciseSeconds())
    while !stopping.isSet {
      guard let here = place else {
        stopping.wait(seconds: 5)
        place = begin()
        continue
      }
      // Who was held back by the pace is looked after without news, too.
      let hasNews = isNews.exchange(false, ordering: .relaxed)
      if hasNews || isBehind { place = tell(from: here, &pace) }
      stopping.wait(seconds: 1)
    }
  }

  private nonisolated(unsafe) var isBehind = false

  private func begin() -> NoticePlace? {
    if let place = NoticePlace.read(path) { return place }
    guard let end = try? queue.end() else { return nil }
    _ = end.write(path)
    return end
  }

  /// - Returns: how far it has come.
  private func tell(from place: NoticePlace, _ pace: inout NoticePace) -> NoticePlace {
    var place = place
    guard var entries = try? queue.beyond(place), !entries.isEmpty else {
      isBehind = false
      return place
    }
    if entries.count(where: { $0.notice != nil }) > pace.allowed(at: MonotonicClock.preciseSeconds()) {
      entries = entries.newestOfEachMachine
    }
    isBehind = true
    for entry in entries {
      guard !stopping.isSet else { return place }
      if let notice = entry.notice {
        guard pace.allowed(at: MonotonicClock.preciseSeconds()) > 0 else { return place }
        guard deliver(notice) else { return place }
        pace.sent()
      }
      place = entry.place
      if !place.write(path) { told.trouble(name, "cannot write \(path): after a restart notices would come again") }
    }
    return place
  }

  /// - Returns: false when it was told to stop before the notice was taken or given up.
  private func deliver(_ notice: Notice) -> Bool {
    var pause = Backoff.betweenNotices
    var generator = SystemRandomNumberGenerator()
    for attempt in 1...Self.tries {
      do throws(NoticeError) {
        try channel.send(notice, stopping: stopping)
        told.fine(name)
        return true
      } catch {
        if stopping.isSet { return false }
        told.trouble(name, "\(error)")
        log.warning(
          "Could not tell somebody of an alarm", metadata: ["notify": "\(name)", "try": "\(attempt)", "reason": "\(error)"])
        if attempt < Self.tries { stopping.wait(seconds: pause.next(using: &generator)) }
        if stopping.isSet { return false }
      }
    }
    log.error("Gave up telling somebody of an alarm", metadata: ["notify": "\(name)", "event": "\(notice.id)"])
    return true
  }

  /// Some twenty minutes.
  private static let tries = 12
}

/// What is wrong with who is told, of all of them, as one reason in the daemon's health.
final class NotifyHealth: Sendable {
  private let troubles = Mutex<[String: String]>([:])
  private let health: Health

  init(_ health: Health) { self.health = health }

  func trouble(_ name: String, _ reason: String) { set(name, reason) }
  func fine(_ name: String) { set(name, nil) }

  private func set(_ name: String, _ reason: String?) {
    let all = troubles.withLock { troubles in
      troubles[name] = reason
      return troubles
    }
    guard !all.isEmpty else { return health.fine(.notify) }
    health.trouble(.notify, all.sorted { $0.key < $1.key }.map { "notify \($0.key): \($0.value)" }.joined(separator: "; "))
  }
}

extension Backoff {
  /// Twelve tries take some twenty minutes.
  static let betweenNotices = Backoff(firstSeconds: 1, longestSeconds: 300)
}
