import Glibc
import Logging
import Store

/// Looks after the store while others use it: names who keeps its log from being emptied, and reads everything through once, soon
/// after the start and then every week, in small steps at low priority. Damage is mended by starting anew.
final class StoreWatch: BlockingWork {
  private let store: Store
  private let health: Health
  private let log: Logger
  private let stopping = StopFlag()

  init(store: Store, health: Health, log: Logger) { (self.store, self.health, self.log) = (store, health, log) }

  func run() {
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    var readers = LastingReaders()
    var nextCheck = MonotonicClock.preciseSeconds() + Self.firstCheckSeconds
    while !stopping.isSet {
      tell(readers.look(store.readers, at: MonotonicClock.preciseSeconds()))
      if MonotonicClock.preciseSeconds() >= nextCheck {
        check()
        nextCheck = MonotonicClock.preciseSeconds() + Self.checkSeconds
      }
      stopping.wait(seconds: 1)
    }
  }

  func stop() { stopping.set() }

  private static let firstCheckSeconds = 20.0
  private static let checkSeconds = 7 * 86_400.0

  private func check() {
    do {
      let damage = try store.scrub { [stopping] in
        usleep(2000)
        return !stopping.isSet
      }
      if let damage { SelfRestart.now(store, reason: damage, log: log) }
    } catch {
      log.warning("The store could not be looked through", metadata: ["reason": "\(error)"])
    }
  }

  private func tell(_ news: LastingReaders.News?) {
    switch news {
    case .begun(let words):
      health.trouble(.reader, "store: \(words)")
      log.warning("The store's log cannot be emptied", metadata: ["reason": "\(words)"])
    case .ended: health.fine(.reader)
    case nil: return
    }
  }
}

/// Who has looked at the store without a break for ten seconds. Pure.
struct LastingReaders {
  enum News: Equatable {
    case begun(String)
    case ended
  }

  private var since: [Int32: Double] = [:]
  private var told: Set<Int32> = []
  private static let patienceSeconds = 10.0

  mutating func look(_ readers: [LogReaders.Reader], at now: Double) -> News? {
    since = Dictionary(readers.map { ($0.pid, since[$0.pid] ?? now) }) { $1 }
    let lasting = readers.filter { now - (since[$0.pid] ?? now) >= Self.patienceSeconds }
    guard Set(lasting.map(\.pid)) != told else { return nil }
    told = Set(lasting.map(\.pid))
    return lasting.isEmpty
      ? .ended : .begun("\(LogReaders.words(lasting)) at an old state of thrum.db: its log cannot be emptied")
  }
}
