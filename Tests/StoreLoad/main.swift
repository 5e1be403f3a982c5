// Works a store hard and looks at what is left of it, for scripts/faults. No part of Thrum.
//   store-load run FOLDER COMMITS [MAX_BYTES]   numbered changes; "ok N" on standard output when N is committed
//   store-load month FOLDER POINTS DAYS [MAX_BYTES]    so many days of what points tell, until now; waits for a full disk
//   store-load check FOLDER…                    opens each as thrumd would; a JSON object a line says what is there
import Anomaly
import Contracts
import Glibc
import SQLite
import Signal
import Store

let arguments = CommandLine.arguments
if arguments.count >= 4, arguments[1] == "run" {
  run(arguments[2], commits: Int(arguments[3]) ?? 0, maxBytes: arguments.count > 4 ? Int(arguments[4]) ?? 0 : 2 << 20)
} else if arguments.count >= 5, arguments[1] == "month" {
  let maxBytes = arguments.count > 5 ? Int(arguments[5]) : nil
  month(arguments[2], points: Int(arguments[3]) ?? 1, days: Int(arguments[4]) ?? 1, maxBytes: maxBytes)
} else if arguments.count >= 3, arguments[1] == "check" {
  for folder in arguments[2...] { check(folder) }
} else {
  say("usage: store-load run FOLDER COMMITS [MAX_BYTES] | check FOLDER…")
  exit(2)
}

func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = write(1, bytes, bytes.count)
}

func open(_ folder: String, maxBytes: Int) throws -> Store {
  var settings = StoreSettings(
    origin: EventOrigin(fleet: "test", gateway: "gw"), version: "test",
    startedAt: UnixTime(nanoseconds: 1_800_000_000_000_000_000),
    binding: [1])
  settings.maxBytes = maxBytes
  settings.busyTimeoutMilliseconds = 100
  return try Store.open(folder: folder, settings: settings)
}

func month(_ folder: String, points: Int, days: Int, maxBytes: Int?) {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  let end = UnixTime(seconds: Double(now.tv_sec))
  var settings = StoreSettings(
    origin: EventOrigin(fleet: "test", gateway: "gw-1"), version: "test", startedAt: end, binding: [1])
  settings.feedsPlane = true
  settings.maxBytes = maxBytes ?? settings.maxBytes
  do {
    let store = try Store.open(folder: folder, settings: settings)
    var month = Month(points: points, days: days, endingAt: end)
    try month.write(to: store)
  } catch {
    say("failed \(error)")
    exit(1)
  }
}

func run(_ folder: String, commits: Int, maxBytes: Int) {
  var store: Store?
  for _ in 0..<3 where store == nil {
    do { store = try open(folder, maxBytes: maxBytes) } catch { say("refused \(error)") }
  }
  guard let store else { exit(3) }
  say("opened \(store.incarnation)")
  let done = (try? store.reader.points().reduce(0) { $0 + $1.ledger.received }) ?? 0
  for number in done + 1...max(done + 1, done + commits) where number <= done + commits {
    var tries = 0
    while true {
      do {
        try store.commit(change(number))
        break
      } catch {
        say("failed \(number) \(error.kind) \(error)")
        tries += 1
        if tries == 4 { exit(4) }
      }
    }
    say("ok \(number)")
  }
}

/// One frame of one point, with an event that names it, a trend row, and every tenth time an alarm's event.
func change(_ number: Int) -> Change {
  let point = PointID(machine: "m\(number % 5)", point: "de")
  let time = UnixTime(nanoseconds: 1_800_000_000_000_000_000 + Int64(number) * 1_000_000_000)
  var outcome = PointOutcome(point: point, state: PointState())
  outcome.state.lastFrameAt = time
  outcome.ledger.received = 1
  outcome.ledger.analysed = 1
  outcome.trend = [TrendRow(time: time, velocityRMS: 1, rms: Double(number), kurtosis: 3, probability: nil, verdict: .normal)]
  let words = "n\(number) " + String(repeating: "x", count: number * 37 % 900)
  outcome.occurrences = [
    Occurrence(arrival: 0, time: time, subject: "m\(number % 5)/de", kind: .sensorFault(SensorReport(reason: words)))
  ]
  if number.isMultiple(of: 10) { outcome.alarms = [alarm(number, of: point, at: time)] }
  var change = Change()
  change.points = [outcome]
  change.daemon = DaemonState(condition: .degraded, reasons: [words], broker: .init(connected: false, reason: words), uplink: nil)
  var session = SessionChange(name: "plant")
  session.rows = [RedeliveryRing.Row(slot: number % 4096, mid: UInt16(number % 65536), digest: UInt64(number))]
  session.nextSlot = (number + 1) % 4096
  change.session = session
  return change
}

func alarm(_ number: Int, of point: PointID, at time: UnixTime) -> Alarm {
  Alarm(
    id: "\(point.machine)#\(number)", machine: point.machine, state: .unacknowledged, priority: .warning, members: [point],
    raisedAt: time, changedAt: time, explanation: Explanation(words: "made by number \(number)"))
}

struct Found: Codable {
  var folder: String
  var error: String?
  var seconds = 0.0
  /// Frames by the ledger, numbers of the events that are there, and how often one is there twice.
  var received = 0
  var numbers: [Int] = []
  var doubled = 0
  var balances = true
  var chainHolds = true
  var integrity = ""
  var incidents: [String] = []
  var salvage: SalvageReport?
  /// Digest of everything a person would see: of points, ledgers, trends.
  var digest = ""
}

func check(_ folder: String) {
  var found = Found(folder: folder)
  let start = ContinuousClock.now
  do {
    found = try looked(at: folder)
  } catch { found.error = "\(error)" }
  let seconds = (ContinuousClock.now - start).components
  found.seconds = Double(seconds.seconds) + Double(seconds.attoseconds) / 1e18
  say(JSON.text(found))
}

/// As thrumd does it: what turns out to be damaged when it is read through is salvaged by opening it again.
func looked(at folder: String) throws -> Found {
  let maxBytes = max(2 << 20, 4 * StoreUse(file: folder + "/thrum.db").bytes)
  do {
    let store = try open(folder, maxBytes: maxBytes)
    if let damage = try store.scrub(next: { true }) {
      store.suspect(damage)
    } else {
      try start(with: store)
      var found = Found(folder: folder)
      try look(at: store, &found)
      return found
    }
  } catch let error as StoreError where error.kind == .corrupt {
    Store.raiseSuspicion(in: folder, error.reason)
  }
  var found = Found(folder: folder)
  let store = try open(folder, maxBytes: maxBytes)
  try start(with: store)
  try look(at: store, &found)
  return found
}

/// What a start reads before it takes a frame, and what a technician asks for first.
func start(with store: Store) throws {
  _ = try store.reader.restoredState(session: "plant")
  _ = try store.reader.newestAlarmOfEachMachine()
  _ = try (store.reader.modelVersions(), store.reader.modelRoads(), store.reader.revokedModels())
  _ = try store.reader.status(now: UnixTime(nanoseconds: 1_800_000_100_000_000_000), maxBytes: 1 << 30, budgetBytesPerDay: nil)
}

func look(at store: Store, _ found: inout Found) throws {
  let points = try store.reader.points()
  found.received = points.reduce(0) { $0 + $1.ledger.received }
  found.balances = points.allSatisfy { $0.ledger.balances }
  let numbering = try store.reader.numbering()
  let items = try store.reader.items(of: .event, beyond: 0, bytes: .max)
  var hash = numbering.map { ChainHash($0.epoch) }
  for item in items {
    hash = GapLine(item.bytes)?.hash ?? hash?.appending(item.bytes)
    if hash != item.hash { found.chainHolds = false }
    let text = String(decoding: item.bytes, as: UTF8.self)
    guard let match = text.firstMatch(of: #/"reason":"n(\d+) /#), let number = Int(match.1) else { continue }
    found.numbers.append(number)
  }
  found.doubled = found.numbers.count - Set(found.numbers).count
  found.numbers.sort()
  found.incidents = store.opening.incidents.map(\.kind)
  found.salvage = store.opening.salvage
  var digest: UInt64 = 0
  for record in points {
    digest = Digest64.of("\(record)", seed: digest)
    for row in try store.reader.trend(of: record.point, newest: 100_000) { digest = Digest64.of("\(row)", seed: digest) }
  }
  found.digest = String(digest, radix: 16)
  let judge = try Database(path: store.folder + "/thrum.db", mode: .readOnly)
  found.integrity = try judge.first("PRAGMA integrity_check(1)") { $0[0] as String } ?? ""
}
