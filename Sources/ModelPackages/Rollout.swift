import Crypto

/// What is to become of a model's version on a fleet's gateways: a signed target of its own, `fleet/<fleet>/rollouts/<model>.json`.
package struct Rollout: Sendable, Equatable {
  /// Rises with every change of this model's rollout, from 1; an older one is refused.
  package var serial: Int64
  /// The serial that this version was first rolled out with: who takes part stays the same while a share grows.
  package var firstSerial: Int64
  package var model: String
  package var version: String
  /// Of the package, lower-case hex.
  package var sha256: String
  /// Of the package, bytes.
  package var length: Int64
  /// The points that are to run it.
  package var points: Selector
  package var state: State
  /// Of the fleet's gateways, parts in a million.
  package var sharePPM: Int64
  /// Those of them that go first; empty: all.
  package var canaryPoints: Selector
  package var shadowWindows: Int64
  package var canaryWindows: Int64
  package var gates: Gates

  /// `rollback`: back to the last good version, which is kept on disk.
  package enum State: String, Sendable, CaseIterable { case running, paused, rollback }

  /// What a version must show, on each point, before it goes on.
  package struct Gates: Sendable, Equatable {
    /// Windows that it would raise, of a thousand.
    package var maxAlarmWindowsPermille: Int64 = 50
    package var maxP99Microseconds: Int64 = 20_000
    package var maxBytes: Int64 = 32 << 20
    /// Of a thousand windows that a person has confirmed to be bad, those that it must raise too.
    package var mustFindConfirmedPermille: Int64 = 900

    package init() {}
  }

  package init(
    serial: Int64, firstSerial: Int64? = nil, model: String, version: String, sha256: String, length: Int64, points: Selector,
    state: State = .running, sharePPM: Int64 = 1_000_000, canaryPoints: Selector = Selector(), shadowWindows: Int64 = 200,
    canaryWindows: Int64 = 500, gates: Gates = Gates()
  ) {
    (self.serial, self.firstSerial) = (serial, firstSerial ?? serial)
    (self.model, self.version, self.sha256, self.length) = (model, version, sha256, length)
    (self.points, self.state, self.sharePPM, self.canaryPoints) = (points, state, sharePPM, canaryPoints)
    (self.shadowWindows, self.canaryWindows, self.gates) = (shadowWindows, canaryWindows, gates)
  }

  /// Where its package stands in the repository.
  package var package: String { Self.path(model, version) }

  package static func path(_ model: String, _ version: String) -> String { "models/\(model)/\(version).thrum" }

  /// Whether a gateway takes part: the same gateways, and more, when the share grows.
  /// - Parameter gateway: its name within the fleet.
  package func includes(gateway: String) -> Bool {
    let digest = SHA256.hash(data: Array("\(firstSerial)|\(model)|\(version)|\(gateway)".utf8))
    let fraction = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int64(fraction.multipliedFullWidth(by: 1_000_000).high) < sharePPM
  }
}

extension Rollout {
  /// - Throws: for everything that is not a rollout, unknown members too: a gate that is not understood must not be passed over.
  package init(decoding bytes: [UInt8]) throws(TrustError) {
    guard bytes.count <= Self.mostBytes else { throw TrustError(.tooLong, "read", "rollout", "\(bytes.count) bytes") }
    try self.init(try Fields(json: bytes, .file("rollout")))
  }

  package static let mostBytes = 64 << 10

  private init(_ fields: Fields) throws(TrustError) {
    try fields.requireOnly(Self.names)
    _ = try fields.integer("format", 1...1)
    (serial, model) = (try fields.integer("serial", 1...Int64.max), try fields.name("model", PackageCard.isModel))
    firstSerial = fields.optional("first_serial") == nil ? serial : try fields.integer("first_serial", 1...serial)
    version = try fields.name("version", PackageCard.isVersion)
    sha256 = try fields.name("sha256") { $0.utf8.count == 64 && UTF8Text($0).isHex }
    length = try fields.integer("length", 1...Int64(ModelPackage.mostBytes))
    (points, canaryPoints) = (try fields.selector("points"), try fields.selector("canary_points"))
    guard !points.isEmpty else { throw fields.malformed("points", "none; `*/*` is all of them") }
    guard let state = State(rawValue: try fields.text("state").string) else {
      throw fields.malformed("state", "expected running, paused or rollback")
    }
    self.state = state
    sharePPM = try fields.integer("share_ppm", 0...1_000_000)
    (shadowWindows, canaryWindows) = (
      try fields.integer("shadow_windows", 0...1_000_000), try fields.integer("canary_windows", 0...1_000_000)
    )
    gates = try Gates(try fields.fields("gates"))
    let (written, path) = (try fields.text("package").string, Self.path(model, version))
    guard written == path else { throw fields.malformed("package", "expected \(path)") }
  }

  private static let names: [UTF8Text] = [
    "format", "serial", "first_serial", "model", "version", "package", "sha256", "length", "points", "state", "share_ppm",
    "canary_points", "shadow_windows", "canary_windows", "gates",
  ]

  /// As signed.
  package func encoded() -> [UInt8] {
    var members: [(UTF8Text, SignedJSON)] = [
      ("format", .integer(1)), ("serial", .integer(serial)), ("model", .text(UTF8Text(model))),
      ("version", .text(UTF8Text(version))), ("package", .text(UTF8Text(package))), ("sha256", .text(UTF8Text(sha256))),
      ("length", .integer(length)), ("points", points.json), ("state", .text(UTF8Text(state.rawValue))),
      ("share_ppm", .integer(sharePPM)), ("canary_points", canaryPoints.json), ("shadow_windows", .integer(shadowWindows)),
      ("canary_windows", .integer(canaryWindows)), ("gates", gates.json),
    ]
    if firstSerial != serial { members.append(("first_serial", .integer(firstSerial))) }
    return SignedJSON.members(members).canonical
  }
}

extension Rollout.Gates {
  private static let names: [UTF8Text] = [
    "max_alarm_windows_permille", "max_p99_us", "max_bytes", "must_find_confirmed_permille",
  ]

  fileprivate init(_ fields: Fields) throws(TrustError) {
    try fields.requireOnly(Self.names)
    maxAlarmWindowsPermille = try fields.integer("max_alarm_windows_permille", 0...1000)
    maxP99Microseconds = try fields.integer("max_p99_us", 1...60_000_000)
    maxBytes = try fields.integer("max_bytes", 1...1 << 31)
    mustFindConfirmedPermille = try fields.integer("must_find_confirmed_permille", 0...1000)
  }

  fileprivate var json: SignedJSON {
    .members([
      ("max_alarm_windows_permille", .integer(maxAlarmWindowsPermille)), ("max_p99_us", .integer(maxP99Microseconds)),
      ("max_bytes", .integer(maxBytes)), ("must_find_confirmed_permille", .integer(mustFindConfirmedPermille)),
    ])
  }
}

extension Fields {
  fileprivate func selector(_ name: UTF8Text) throws(TrustError) -> Selector {
    let patterns = try wordList(name, most: Selector.mostPatterns, upTo: Selector.mostBytes)
    guard let selector = Selector(patterns) else {
      throw malformed(name, "expected patterns machine/point, `*` inside a part, `!` before one that excludes, one that includes")
    }
    return selector
  }
}
