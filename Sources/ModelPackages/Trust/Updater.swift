/// One update as the specification's client does it (TUF 1.0.34, section 5): root, timestamp, snapshot, targets, then the target that is
/// looked for. Whatever throws leaves what was verified before it kept, and the next update starts from there. One value is one update:
/// its time stands still, but for what a signed timestamp proves to be later.
package struct Updater {
  private var trusted: TrustedMetadata
  private let store: any MetadataStore
  private let policy: TrustPolicy
  private let fetch: Fetch

  /// Brings a metadata file; `nil` is the answer that there is none, an error is no answer. It need not bring more than `maxBytes` + 1
  /// bytes: more than `maxBytes` are refused.
  package typealias Fetch = (MetadataRequest) throws(TrustError) -> [UInt8]?

  /// - Parameters:
  ///   - initialRoot: the root that was installed; used when the store has none that is whole.
  package init(
    store: any MetadataStore, initialRoot: [UInt8]?, time: ReferenceTime, policy: TrustPolicy = .shipped, fetch: @escaping Fetch
  ) throws(TrustError) {
    self.store = store
    self.policy = policy
    self.fetch = fetch
    trusted = try Self.start(store, initialRoot, time, policy)
  }

  private static func start(
    _ store: any MetadataStore, _ initialRoot: [UInt8]?, _ time: ReferenceTime, _ policy: TrustPolicy
  ) throws(TrustError) -> TrustedMetadata {
    if let kept = try store.read(.root, maxBytes: policy.limits.rootBytes) {
      do throws(TrustError) { return try TrustedMetadata(root: kept, time: time, policy: policy) } catch {
        // Damaged, for only what was verified is ever written: begin again where the installation began.
        if initialRoot == nil { throw error }
      }
    }
    guard let initialRoot else {
      throw TrustError(.notFound, "read", "root.json", "there is none to start from", remedy: "install the root of your plane")
    }
    let trusted = try TrustedMetadata(root: initialRoot, time: time, policy: policy)
    try store.write(.root, initialRoot)
    return trusted
  }

  /// Whether files are asked for by names with their version or digest (specification, section 6.2).
  package var isConsistentSnapshot: Bool { trusted.root.isConsistentSnapshot }

  /// What expiry was judged against; later than at the start when a signed timestamp proved it.
  package var time: ReferenceTime { trusted.time }

  /// Brings the four roles up to date.
  package mutating func refresh() throws(TrustError) {
    try refreshRoot()
    try refreshTimestamp()
    try refreshSnapshot()
    _ = try loadTargets(.targets, delegatedBy: .root, try trusted.root.signers(of: .targets))
  }

  /// What is known about a file, from the first role in order of precedence that knows it; `nil` when none does. Comes after
  /// `refresh`; fetches the delegated roles that it needs.
  package mutating func find(_ path: UTF8Text) throws(TrustError) -> TargetFile? {
    var found: TargetFile?
    try search(path) { targets in
      found = targets.targets[path]
      return found != nil
    }
    return found
  }

  /// The files of one folder that the roles which may speak for it know, in order; whose word counts for each, `find` says.
  /// - Parameter folder: with its `/` at the end.
  package mutating func paths(in folder: UTF8Text) throws(TrustError) -> [UTF8Text] {
    var paths: Set<UTF8Text> = []
    try search(UTF8Text(valid: folder.bytes + [UInt8(ascii: "x")])) { targets in
      let files = targets.targets.keys.filter { path in
        path.bytes.starts(with: folder.bytes) && !path.bytes.dropFirst(folder.bytes.count).contains(UInt8(ascii: "/"))
      }
      paths.formUnion(files)
      return false
    }
    return paths.sorted()
  }

  /// Goes through the roles that may speak for a path, in order of precedence, until `visit` says that it is enough.
  private mutating func search(_ path: UTF8Text, visit: (TargetsMetadata) -> Bool) throws(TrustError) {
    var waiting = [Step(role: .targets, delegator: .root, signers: try trusted.root.signers(of: .targets))]
    var visited: Set<UTF8Text> = []
    while let step = waiting.popLast(), visited.count <= policy.limits.delegations {
      guard visited.insert(step.role).inserted else { continue }
      let targets = try loadTargets(step.role, delegatedBy: step.delegator, step.signers)
      if visit(targets) { return }
      var children: [Step] = []
      for delegation in targets.delegations where delegation.covers(path) {
        children.append(Step(role: delegation.role, delegator: step.role, signers: delegation.signers))
        if delegation.isTerminating {
          waiting = []
          break
        }
      }
      waiting += children.reversed()
    }
  }

  private struct Step {
    let role: UTF8Text
    let delegator: UTF8Text
    let signers: Signers
  }
}

// The roles.
extension Updater {
  private mutating func refreshRoot() throws(TrustError) {
    for _ in 0..<policy.limits.rootRotations {
      let (next, overflow) = trusted.root.header.version.addingReportingOverflow(1)
      guard !overflow, let bytes = try fetched(.root, version: next, maxBytes: policy.limits.rootBytes) else { return }
      if try trusted.updateRoot(bytes) {
        // Before the root: if the power goes between, an attacker's high versions must not survive the root that forgets them.
        try store.remove(.timestamp)
        try store.remove(.snapshot)
      }
      try store.write(.root, bytes)
    }
  }

  private mutating func refreshTimestamp() throws(TrustError) {
    if let kept = try store.read(.timestamp, maxBytes: policy.limits.timestampBytes) { try? trusted.loadTimestamp(kept) }
    try trusted.requireFresh(trusted.root.header, "root")
    let bytes = try required(.timestamp, version: nil, maxBytes: policy.limits.timestampBytes)
    if try trusted.updateTimestamp(bytes) {
      try store.write(.timestamp, bytes)
    } else if let timestamp = trusted.timestamp {
      try trusted.requireFresh(timestamp.header, "timestamp")
    }
  }

  private mutating func refreshSnapshot() throws(TrustError) {
    if let kept = try store.read(.snapshot, maxBytes: policy.limits.snapshotBytes),
      let isCurrent = try? trusted.loadSnapshot(kept), isCurrent
    {
      return
    }
    guard let listing = trusted.timestamp?.snapshot else { return }
    let bytes = try required(.snapshot, listing)
    try trusted.updateSnapshot(bytes)
    try store.write(.snapshot, bytes)
  }

  private mutating func loadTargets(
    _ role: UTF8Text, delegatedBy delegator: UTF8Text, _ signers: Signers
  ) throws(TrustError) -> TargetsMetadata {
    if let loaded = trusted.targets(role, delegatedBy: delegator) { return loaded }
    let listing = try trusted.listing(of: role)
    if let kept = try store.read(role, maxBytes: policy.limits.targetsBytes),
      let loaded = try? trusted.updateTargets(kept, role: role, delegatedBy: delegator, signers)
    {
      return loaded
    }
    let bytes = try required(role, listing)
    let loaded = try trusted.updateTargets(bytes, role: role, delegatedBy: delegator, signers)
    try store.write(role, bytes)
    return loaded
  }
}

// What is asked for.
extension Updater {
  private func required(_ role: UTF8Text, _ listing: FileListing) throws(TrustError) -> [UInt8] {
    let limit = policy.limits.bytes(of: role)
    let length = listing.length ?? Int64(limit)
    guard length <= limit else {
      throw TrustError(.tooLong, "fetch", role.fileName, "\(length) bytes announced, at most \(limit) taken")
    }
    return try required(role, version: trusted.root.isConsistentSnapshot ? listing.version : nil, maxBytes: Int(length))
  }

  private func required(_ role: UTF8Text, version: Int64?, maxBytes: Int) throws(TrustError) -> [UInt8] {
    guard let bytes = try fetched(role, version: version, maxBytes: maxBytes) else {
      let request = MetadataRequest(role: role, version: version, maxBytes: maxBytes)
      throw TrustError(.notFound, "fetch", request.description, "the repository does not have it")
    }
    return bytes
  }

  private func fetched(_ role: UTF8Text, version: Int64?, maxBytes: Int) throws(TrustError) -> [UInt8]? {
    let request = MetadataRequest(role: role, version: version, maxBytes: maxBytes)
    guard let bytes = try fetch(request) else { return nil }
    guard bytes.count <= maxBytes else { throw TrustError(.tooLong, "fetch", request, "more than \(maxBytes) bytes") }
    return bytes
  }
}
