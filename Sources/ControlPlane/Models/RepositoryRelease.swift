import Glibc
import ModelPackages
import Signal

// What is signed becomes visible: all roles that fit together at once, judged by our own client before a byte of it can be fetched.
extension RepositoryEditor {
  /// - Returns: the roles that became visible; none while signatures are missing.
  package func release() throws -> [UTF8Text] {
    for levels in [[Level.root, .targets, .delegated], [.targets, .delegated], [.root], [.delegated]] {
      let next = state(taking: levels)
      let changed = staged.keys.filter { next.roles[$0] == staged[$0] }.sorted()
      if !changed.isEmpty, isConsistent(next) {
        try publish(next, changed)
        return changed
      }
    }
    return []
  }

  private enum Level { case root, targets, delegated }

  /// The current state with what is staged on these levels and signed by enough.
  private func state(taking levels: [Level]) -> RepositoryState {
    var next = current
    if levels.contains(.root), let root = staged[.root], isComplete(root: root) { next.roles[.root] = root }
    if levels.contains(.targets) { takeIfSigned(.targets, into: &next) }
    if levels.contains(.delegated) { for role in next.delegated { takeIfSigned(role, into: &next) } }
    return next
  }

  private func takeIfSigned(_ role: UTF8Text, into state: inout RepositoryState) {
    if let draft = staged[role], state.keys(of: role)?.isMet(by: draft) == true { state.roles[role] = draft }
  }

  /// By the threshold of its own keys, and of those of the root before it.
  private func isComplete(root: MetadataDraft) -> Bool {
    let before = current.roles[.root].map { RoleKeys(.root, root: $0.signed)?.isMet(by: root) == true } ?? true
    return before && RoleKeys(.root, root: root.signed)?.isMet(by: root) == true
  }

  /// Whether every role that is there, or must be, is signed by those who may in this state.
  private func isConsistent(_ state: RepositoryState) -> Bool {
    guard state.roles[.root] != nil else { return false }
    guard state.roles[.targets] != nil || current.roles[.targets] != nil else { return true }
    return ([.targets] + state.delegated).allSatisfy { role in
      state.roles[role].map { state.keys(of: role)?.isMet(by: $0) == true } ?? false
    }
  }

  private func publish(_ next: RepositoryState, _ changed: [UTF8Text]) throws {
    let what = changed.map { "\($0.string) \(next.roles[$0]?.version ?? 0)" }.joined(separator: ", ")
    let head = try audit.append(at: now, by: actor, "release", what, "")
    var next = next
    if next.roles[.targets] != nil { try signOnline(&next, isChanged: true, audit: head) }
    try show(next)
    for role in changed {
      try DurableFile.remove(stagedPath(role))
      staged[role] = nil
    }
  }

  /// Keeps timestamp and snapshot alive: signs them anew when a third of their time is over. A serving plane does it.
  /// - Returns: whether anything was signed.
  @discardableResult
  package func refreshOnline() throws -> Bool {
    guard current.roles[.targets] != nil, isAging(.timestamp, OnlineDays.timestamp) || isAging(.snapshot, OnlineDays.snapshot)
    else {
      return false
    }
    var next = current
    try signOnline(&next, isChanged: isAging(.snapshot, OnlineDays.snapshot), audit: try audit.read().head)
    try show(next)
    return true
  }

  private enum OnlineDays {
    static let timestamp = 7.0
    static let snapshot = 30.0
  }

  private func isAging(_ role: UTF8Text, _ days: Double) -> Bool {
    guard let draft = current.roles[role], let expires = UnixTime(rfc3339: draft.expires) else { return true }
    return expires.seconds(since: now) < days * 86_400 * 2 / 3
  }

  // MARK: timestamp and snapshot

  private func signOnline(_ next: inout RepositoryState, isChanged: Bool, audit: String) throws {
    if isChanged || !isSigned(.snapshot, in: next) {
      let roles = [UTF8Text.targets] + next.delegated
      let files = roles.compactMap { role in next.roles[role].map { (UTF8Text(role.string + ".json"), ($0.version, $0.encoded)) }
      }
      let version = (current.roles[.snapshot]?.version ?? 0) + 1
      let signed = MetadataForm.snapshot(
        version: version, expires: now.advanced(bySeconds: OnlineDays.snapshot * 86_400),
        files: Dictionary(uniqueKeysWithValues: files))
      next.roles[.snapshot] = try signedOnline(.snapshot, signed, next)
    }
    guard let snapshot = next.roles[.snapshot] else { return }
    let timestamp = MetadataForm.timestamp(
      version: (current.roles[.timestamp]?.version ?? 0) + 1, expires: now.advanced(bySeconds: OnlineDays.timestamp * 86_400),
      issued: now, snapshot: (snapshot.version, snapshot.encoded), audit: audit)
    next.roles[.timestamp] = try signedOnline(.timestamp, timestamp, next)
  }

  private func isSigned(_ role: UTF8Text, in state: RepositoryState) -> Bool {
    state.roles[role].map { state.keys(of: role)?.isMet(by: $0) == true } ?? false
  }

  private func signedOnline(_ role: UTF8Text, _ signed: SignedJSON, _ state: RepositoryState) throws -> MetadataDraft {
    var draft = MetadataDraft(signed)
    let keys = state.keys(of: role)
    for key in try onlineKeys() where keys?.keys.contains(key.key) == true {
      try draft.add(try key.sign(draft.payload), by: key.key)
    }
    guard keys?.isMet(by: draft) == true else {
      throw PlaneError(
        "sign", "\(role.string)", reason: "this plane has none of the keys that root names for it",
        remedy: "bring \(repository.path("keys")) back, or rotate: thrum-plane keys rotate --role \(role.string)")
    }
    return draft
  }

  /// The plane's own keys.
  func onlineKeys() throws -> [SigningKey] {
    try PlaneRepository.names(in: repository.path("keys")).map { try SigningKey(file: repository.path("keys/\($0)")) }
  }

  // MARK: judged, then written

  /// Timestamp last: until it is there nobody knows of the rest.
  private func show(_ next: RepositoryState) throws {
    var files: [(name: String, bytes: [UInt8])] = []
    for role in next.roles.keys.sorted() where next.roles[role] != current.roles[role] && role != .timestamp {
      guard let draft = next.roles[role] else { continue }
      files.append(("\(draft.version).\(role.urlEncoded).json", draft.encoded))
    }
    if let timestamp = next.roles[.timestamp] { files.append(("timestamp.json", timestamp.encoded)) }
    try judge(next, files)
    for file in files { try DurableFile.write(file.bytes, to: repository.path("metadata/\(file.name)"), mode: 0o644) }
    current = try repository.state()
  }

  /// A gateway's own check of what is about to be shown, by one that has what is shown now.
  private func judge(_ next: RepositoryState, _ files: [(name: String, bytes: [UInt8])]) throws {
    guard next.roles[.targets] != nil, let root = current.roles[.root] ?? next.roles[.root] else { return }
    let new = Dictionary(files.map { ($0.name, $0.bytes) }) { $1 }
    let store = KeptMetadata(current.roles.mapValues(\.encoded))
    var updater = try Updater(
      store: store, initialRoot: root.encoded, time: ReferenceTime(clock: now, floor: now)
    ) { [repository] request throws(TrustError) in
      if let bytes = new[request.fileName] { return bytes }
      return try repository.metadata(request.fileName)
    }
    try updater.refresh()
    for role in next.delegated { for path in next.targets(of: role).keys { _ = try updater.find(path) } }
  }
}

/// A gateway's metadata for the length of a check.
final class KeptMetadata: MetadataStore {
  private var files: [UTF8Text: [UInt8]]

  init(_ files: [UTF8Text: [UInt8]]) { self.files = files }

  func read(_ role: UTF8Text, maxBytes: Int) -> [UInt8]? { files[role].flatMap { $0.count <= maxBytes ? $0 : nil } }
  func write(_ role: UTF8Text, _ bytes: [UInt8]) { files[role] = bytes }
  func remove(_ role: UTF8Text) { files[role] = nil }
}
