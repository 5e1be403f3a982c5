import Contracts
import Foundation
import Logging
import MQTT
import SQLite
import Signal
import Store
import Synchronization
import TestSupport

@testable import Agent
@testable import Anomaly
@testable import ControlPlane

/// A real broker, a gateway's real store with its uplink, and a plane: everything but the machines.
final class Site {
  let folder: TemporaryFolder
  let broker: Broker
  private(set) var store: Store
  private var uplink: Running?
  private var plane: Running?
  private var waker: Uplink?
  private let condition = Shared(Uplink.Condition())
  private var written = 0
  private let guarded: GuardedBroker?
  private let maxBytes: Int

  /// - Parameter guarded: the broker wants TLS and a password and gives nobody more rights than they need; open otherwise.
  /// - Parameter maxBytes: of the gateway's store.
  init(guarded: GuardedBroker? = nil, maxBytes: Int = 536_870_912) throws {
    folder = try TemporaryFolder()
    self.guarded = guarded
    broker = try guarded?.broker ?? Broker()
    self.maxBytes = maxBytes
    store = try Self.open(folder, maxBytes)
  }

  deinit {
    stopUplink()
    stopPlane()
  }

  var database: String { folder.path("plane.db") }
  var uplinkCondition: Uplink.Condition { condition.value }

  // MARK: the gateway

  static let topics = PlaneTopics(fleet: "demo", gateway: "gw-1")
  private static let binding: [UInt8] = [1, 2, 3]

  private static func open(_ folder: TemporaryFolder, _ maxBytes: Int) throws -> Store {
    var settings = StoreSettings(
      origin: EventOrigin(fleet: "demo", gateway: "gw-1"), version: "0.1.0", startedAt: UnixTime(seconds: 1_800_000_000),
      binding: binding)
    settings.maxBytes = maxBytes
    return try Store.open(folder: folder.path("gateway"), settings: settings)
  }

  /// Commits events, every third one an alarm, and wakes the uplink.
  func commitEvents(_ count: Int) throws {
    var change = Change()
    for index in 0..<count { change.occurrences.append(occurrence(index)) }
    try store.commit(change)
    waker?.wake()
  }

  private func occurrence(_ index: Int) -> Occurrence {
    written += 1
    let time = UnixTime(seconds: 1_800_000_000 + Double(written))
    let kind: Occurrence.Kind =
      written.isMultiple(of: 3)
      ? .alarmRaised(alarm(written, time)) : .sensorFault(SensorReport(reason: "stuck \(written)"))
    return Occurrence(arrival: index, time: time, subject: "pump-\(written)/drive-end", kind: kind)
  }

  private func alarm(_ number: Int, _ time: UnixTime) -> AlarmReport {
    let explanation = Explanation(
      words: "number \(number)", decidedBy: ["zones"], uncalibrated: false, contributions: [], lines: [])
    return AlarmReport(
      Alarm(
        id: "pump-\(number)#1", machine: "pump-\(number)", state: .unacknowledged, priority: .alarm, members: [], raisedAt: time,
        changedAt: time, explanation: explanation))
  }

  /// - Parameter url: of the broker, or of what stands before it.
  func startUplink(
    url: String? = nil, budgetBytesPerDay: Int? = nil, updates: UpdateExchange? = nil, signature: BatchSigner? = nil
  ) throws {
    var settings = Uplink.Settings(
      endpoint: try guarded?.endpoint("gw-1") ?? MQTTEndpoint(url: url ?? broker.url), topics: try Self.topics.orThrow(),
      version: "0.1.0",
      binding: Self.binding)
    settings.budgetBytesPerDay = budgetBytesPerDay
    settings.answerSeconds = 2
    (settings.updates, settings.signature) = (updates, signature)
    let uplink = Uplink(store: store, settings: settings, log: silent) { [condition] in condition.value = $0 }
    waker = uplink
    self.uplink = Running(uplink.run, stop: uplink.stop)
  }

  func stopUplink() {
    uplink?.stop()
    (uplink, waker) = (nil, nil)
  }

  /// Copies the gateway's files as they are now, while nothing uses them.
  func takeImage() throws {
    try closed { try FileManager.default.copyItem(atPath: folder.path("gateway"), toPath: folder.path("image")) }
  }

  func restoreImage() throws {
    try closed {
      try FileManager.default.removeItem(atPath: folder.path("gateway"))
      try FileManager.default.copyItem(atPath: folder.path("image"), toPath: folder.path("gateway"))
    }
  }

  /// The store lives as long as anybody has it: another one stands in meanwhile.
  private func closed(_ body: () throws -> Void) throws {
    stopUplink()
    store = try Store.open(
      folder: folder.path("elsewhere-\(written)"),
      settings: StoreSettings(
        origin: EventOrigin(fleet: "x", gateway: "x"), version: "0", startedAt: UnixTime(seconds: 0), binding: []))
    try body()
    store = try Self.open(folder, maxBytes)
  }

  // MARK: the plane

  func startPlane(repository: PlaneRepository? = nil) throws {
    let server = PlaneServer(
      endpoint: try guarded?.endpoint("plane") ?? MQTTEndpoint(url: broker.url), database: database, repository: repository,
      log: silent
    ) {
      UnixTime(seconds: Date().timeIntervalSince1970)
    }
    plane = Running({ try? server.run() }, stop: server.stop)
  }

  func stopPlane() {
    plane?.stop()
    plane = nil
  }

  /// Whether every event of the gateway's store is at the plane, as often as it must be: once.
  func isDelivered() throws -> Bool {
    let ours = try store.reader.events(newest: .max).map(\.bytes)
    guard let reader = try? PlaneReader(path: database) else { return false }
    let theirs = try reader.events().map(\.bytes)
    return Set(theirs).count == theirs.count && Set(theirs).isSuperset(of: ours)
  }
}

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A value that two threads see.
final class Shared<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>
  init(_ value: Value) { mutex = Mutex(value) }
  var value: Value {
    get { mutex.withLock { $0 } }
    set { mutex.withLock { $0 = newValue } }
  }
}

/// A blocking `run` on a thread of its own; `stop` waits until it has returned.
final class Running {
  private let finished = DispatchSemaphore(value: 0)
  private let stopping: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void, stop: @escaping @Sendable () -> Void) {
    stopping = stop
    Thread.detachNewThread { [finished] in
      run()
      finished.signal()
    }
  }

  func stop() {
    stopping()
    finished.wait()
  }
}
