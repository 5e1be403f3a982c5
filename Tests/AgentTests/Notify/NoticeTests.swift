import Anomaly
import Contracts
import Foundation
import MQTT
import Signal
import Store
import TestSupport
import Testing

@testable import Agent

/// What is told to whom, and how often.
@Suite("Notices") struct NoticeTests {
  private let folder: TemporaryFolder
  private let store: Store

  init() throws {
    folder = try TemporaryFolder()
    let origin = EventOrigin(fleet: "test", gateway: "gw-1")
    store = try Store.open(
      folder: folder.path("state"),
      settings: StoreSettings(origin: origin, version: "0", startedAt: UnixTime(seconds: 0), binding: [1]))
  }

  private func raise(_ machine: String, _ number: Int, priority: Alarm.Priority = .alarm, at seconds: Double) throws {
    let time = UnixTime(seconds: seconds)
    let alarm = Alarm(
      id: "\(machine)#\(number)", machine: machine, state: .unacknowledged, priority: priority,
      members: [PointID(machine: machine, point: "de")], raisedAt: time, changedAt: time,
      explanation: .standing(PointState()))
    var change = Change()
    change.people.note(alarm)
    change.occurrences = [Occurrence(arrival: number, time: time, subject: machine, kind: .alarmRaised(AlarmReport(alarm)))]
    try store.commit(change)
  }

  private func queue(_ priority: Alarm.Priority = .warning) -> NoticeQueue {
    NoticeQueue(store.reader, fleet: "test", gateway: "gw-1", priority: priority)
  }

  @Test("who is new begins at the end; what comes then is told in order, with the alarm as it stands")
  func order() throws {
    try raise("old", 1, at: 1)
    let place = try #require(try queue().end())
    try raise("pump", 1, at: 2)
    try raise("fan", 1, at: 3)
    let entries = try queue().beyond(place)
    #expect(entries.map { $0.notice?.machine } == ["pump", "fan"])
    #expect(entries[0].notice?.event == "alarm raised" && entries[0].notice?.alarm?.id == "pump#1")
    #expect(try queue().beyond(try #require(entries.last).place).isEmpty)
  }

  @Test("below the priority that was asked for nobody is told, and the place moves on all the same")
  func priority() throws {
    let place = try #require(try queue().end())
    try raise("pump", 1, priority: .warning, at: 2)
    let entries = try queue(.alarm).beyond(place)
    #expect(entries.count == 1 && entries[0].notice == nil && entries[0].place.sequence == 1)
  }

  @Test("where a new epoch numbers anew what was told before, it is not told again")
  func epochs() throws {
    let start = try #require(try queue().end())
    try raise("pump", 1, at: 2)
    let told = try #require(try queue().beyond(start).last).place
    try store.renewEpoch(reason: "test", binding: [2], at: UnixTime(seconds: 3))
    try raise("fan", 1, at: 4)
    #expect(try queue().beyond(told).compactMap { $0.notice?.machine } == ["fan"])
  }

  @Test("where not all can be told, a machine's newest notice stands for those before it, and no other machine's is lost")
  func newest() throws {
    let place = try #require(try queue().end())
    for number in 1...5 { try raise("pump", number, at: Double(number)) }
    try raise("fan", 1, at: 6)
    let entries = try queue().beyond(place).newestOfEachMachine
    #expect(entries.count == 6)
    #expect(entries.compactMap { $0.notice?.alarm?.id } == ["pump#5", "fan#1"])
    #expect(entries.map(\.place.sequence) == [1, 2, 3, 4, 5, 6])
  }

  @Test("a burst of ten minutes' worth, then evenly; a clock that stands still gives nothing")
  func pace() {
    var pace = NoticePace(perHour: 60, at: 0)
    #expect(pace.allowed(at: 0) == 10)
    for _ in 0..<10 { pace.sent() }
    #expect(pace.allowed(at: 59) == 0)
    #expect(pace.allowed(at: 61) == 1)
    #expect(pace.allowed(at: 61) == 1)
    #expect(pace.allowed(at: 1e6) == 10)
    #expect(NoticePace(perHour: 1, at: 0).rate(at: 0) == 1)
  }

  @Test("pauses grow to five minutes, never to more, and vary")
  func pauses() {
    var pause = Backoff.betweenNotices
    var generator = SystemRandomNumberGenerator()
    let all = (0..<20).map { _ in pause.next(using: &generator) }
    #expect((0.5...1).contains(all[0]) && (150...300).contains(all[19]))
    #expect(Set(all.suffix(10)).count == 10)
  }

  @Test("a place is read as it was written; what is no place is none")
  func places() throws {
    let place = NoticePlace(epoch: "a", sequence: 7, time: UnixTime(seconds: 5))
    let path = folder.path("place.json")
    #expect(place.write(path) && NoticePlace.read(path) == place)
    try folder.write("{\"epoch\":", to: "place.json")
    #expect(NoticePlace.read(path) == nil && NoticePlace.read(folder.path("none")) == nil)
    #expect(!place.write("/proc/none/place.json"))
  }

  @Test("a program gets the notice and nothing of ours; one that fails, hangs or is not there is an error in words")
  func commands() throws {
    let place = try #require(try queue().end())
    try raise("pump", 1, at: 2)
    let notice = try #require(try queue().beyond(place).first?.notice)
    func send(_ script: String, patience: Double = 10) throws {
      var channel = CommandChannel(command: ["/bin/sh", "-c", script])
      channel.patienceSeconds = patience
      try channel.send(notice, stopping: StopFlag())
    }
    try send("cat > \(folder.path("told")); ls /proc/self/fd | wc -l > \(folder.path("open")); env > \(folder.path("env"))")
    #expect(try contents(ofFile: folder.path("told")) == JSON.text(notice) + "\n")
    #expect(Int(try contents(ofFile: folder.path("open")).trimmingCharacters(in: .whitespacesAndNewlines)) ?? 99 <= 5)
    #expect(try !contents(ofFile: folder.path("env")).contains("HOME="))
    #expect(throws: NoticeError.self) { try send("exit 3") }
    #expect(throws: NoticeError.self) { try send("kill -9 $$") }
    #expect(throws: NoticeError.self) { try send("sleep 100", patience: 0.2) }
    #expect(throws: NoticeError.self) {
      try CommandChannel(command: ["/none/such"]).send(notice, stopping: StopFlag())
    }
  }
}

extension NoticePace {
  fileprivate func rate(at now: Double) -> Int {
    var pace = self
    return pace.allowed(at: now)
  }
}
