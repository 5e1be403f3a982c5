import Contracts
import Logging
import ModelPackages
import SQLite
import Signal

/// Looks after the repository of a serving plane: keeps its timestamp alive, and tells the gateways when there is something new.
struct RepositoryCrier {
  private let repository: PlaneRepository
  private let log: Logger
  /// The snapshot that every gateway was told of.
  private var told: Int64 = 0
  private var timestampVersion: Int64 = 0
  private var waiting: [PlaneTopics] = []
  private var nextLook = -Double.infinity

  /// Messages at a time: nothing else waits long behind them.
  private static let atOnce = 64
  private static let lookSeconds = 2.0
  private static let refreshSeconds = 3600.0
  private var nextRefresh = -Double.infinity

  init(_ repository: PlaneRepository, log: Logger) { (self.repository, self.log) = (repository, log) }

  /// - Parameter say: publishes, retained.
  mutating func tend(_ store: PlaneStore, at now: UnixTime, say: (String, [UInt8]) -> Void) {
    let seconds = Double(now.nanoseconds) / 1e9
    if seconds >= nextRefresh || seconds < nextRefresh - 2 * Self.refreshSeconds {
      nextRefresh = seconds + Self.refreshSeconds
      refresh(at: now)
    }
    if seconds >= nextLook || seconds < nextLook - 2 * Self.lookSeconds {
      nextLook = seconds + Self.lookSeconds
      look(store)
    }
    for gateway in waiting.prefix(Self.atOnce) { say(gateway.desired, Desired(timestampVersion: timestampVersion).encoded) }
    waiting.removeFirst(min(Self.atOnce, waiting.count))
  }

  private func refresh(at now: UnixTime) {
    do {
      guard try repository.metadata("timestamp.json") != nil else { return }
      let editor = try RepositoryEditor(repository, by: "thrum-plane", at: now, waits: false)
      try editor.refreshOnline()
      warn(of: editor.current, at: now)
    } catch {
      log.error("The repository's timestamp cannot be signed anew", metadata: ["reason": "\(error)"])
    }
  }

  /// What only people can sign anew.
  private func warn(of state: RepositoryState, at now: UnixTime) {
    for role in [UTF8Text.root, .targets] + state.delegated {
      guard let draft = state.roles[role], let expires = UnixTime(rfc3339: draft.expires) else { continue }
      let days = Int(expires.seconds(since: now) / 86_400)
      if days < Self.warningDays {
        log.warning("A role's metadata ends soon", metadata: ["role": "\(role)", "days": "\(days)", "until": "\(draft.expires)"])
      }
    }
  }

  private static let warningDays = 14

  private mutating func look(_ store: PlaneStore) {
    do {
      guard let bytes = try repository.metadata("timestamp.json") else { return }
      let draft = try MetadataDraft(parsing: bytes, name: "timestamp.json")
      let snapshot = draft.signed["meta"]?["snapshot.json"]?["version"]?.integer ?? 0
      guard snapshot != told else { return }
      (told, timestampVersion, waiting) = (snapshot, draft.version, try store.gateways())
    } catch {
      log.error("The repository cannot be looked at", metadata: ["reason": "\(error)"])
    }
  }
}

extension PlaneStore {
  /// All that were ever heard of.
  func gateways() throws(SQLiteError) -> [PlaneTopics] {
    try database.rows("SELECT fleet, name FROM gateway ORDER BY fleet, name") { row throws(SQLiteError) in
      PlaneTopics(fleet: row[0], gateway: row[1])
    }.compactMap(\.self)
  }
}
