import Foundation
import SQLite
import Synchronization
import TestSupport
import Testing

/// What people do to alarms and points: a real thrumd, a real socket, and `thrum` on the other end.
@Suite struct PeopleTests {
  private let broker: Broker
  private let gateway: GatewayProcess

  init() throws {
    broker = try Broker()
    gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url, machines: ["pump"])
        + "\n[local]\noperator_group = \"daemon\"\nadmin_group = \"bin\"\n")
    try gateway.startConnected()
  }

  private func publish(_ sequences: ClosedRange<Int>, velocityRMS: Double, to point: String = "de") throws {
    try TestPublisher(port: broker.port).publish(
      Plant.topic("pump", point), sequences.map { Plant.frame($0, velocityRMS: velocityRMS) })
  }

  /// The pump's drive end in zone D, and its alarm.
  private func raise() throws {
    try publish(1...60, velocityRMS: 10)
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 60 } != nil)
  }

  private struct Listing: Decodable { let alarms: [Row] }
  private struct Row: Decodable {
    let id, state: String
    let acknowledgedBy, suppressedBy, suppressedUntil, note: String?
  }

  private func alarms() throws -> [Row] { try gateway.thrum("alarms", "--all", "--json").decoded(Listing.self).alarms }

  private func eventTypes() throws -> [String] {
    try gateway.thrum("events", "--json").objects().compactMap { $0["type"] as? String }
  }

  @Test(
    "an acknowledgement that was answered survives SIGKILL at once, with who gave it, an event, and its place in the audit log")
  func acknowledged() throws {
    try raise()
    let answer = try gateway.thrum("ack", "pump#1", "--note", "bearing ordered", "--json")
    gateway.kill()
    #expect(answer.status == 0, "\(answer.text)")
    let row = try #require(try alarms().first)
    #expect(row.state == "acknowledged" && row.note == "bearing ordered")
    let person = try #require(row.acknowledgedBy)
    #expect(try eventTypes().last == "org.thrum.alarm.acknowledged.v1")
    let audit = try gateway.thrum("audit", "list", "--json").objects()
    #expect(audit.count == 1 && audit[0]["by"] as? String == person && audit[0]["call"] as? String == "acknowledge")
    #expect((audit[0]["request"] as? String)?.contains("pump#1") == true)
    #expect(try gateway.thrum("audit", "verify").status == 0)
    try gateway.startConnected()
    let again = try gateway.thrum("ack", "pump#1")
    #expect(again.status == 1 && again.text.contains("it is acknowledged"), "\(again.text)")
  }

  @Test("while the store refuses, whoever asks waits; nobody is told that it is done before it is")
  func storeRefuses() throws {
    try raise()
    let other = try Database(path: gateway.database, mode: .readWriteCreate)
    try other.execute("BEGIN IMMEDIATE")
    let asking = Asking(gateway, "ack", "pump#1")
    #expect(gateway.logs("Commit failed, trying again"))
    #expect(asking.answer == nil)
    #expect(try alarms().first?.state == "unacknowledged")
    try other.execute("ROLLBACK")
    #expect(eventually(within: 20) { asking.answer != nil })
    #expect(asking.answer?.status == 0, "\(asking.answer?.text ?? "")")
    #expect(try alarms().first?.state == "acknowledged")
  }

  @Test("a shelved alarm is away until its time is over, then it is told and stands again")
  func shelved() throws {
    try raise()
    #expect(try gateway.thrum("shelve", "pump#1", "--for", "1h", "--note", "not now").status == 0)
    let point = try #require(gateway.status()?.point("pump"))
    #expect(point.verdict == "suppressed" && point.reason == "shelved")
    let row = try #require(try alarms().first)
    #expect(row.state == "shelved" && row.suppressedUntil != nil && row.note == "not now")
    #expect(try gateway.thrum("alarms").lines.allSatisfy { $0.count <= 80 })
    #expect(try gateway.thrum("check").status == 0, "what is shelved is no trouble")
    #expect(try gateway.thrum("ack", "pump#1").text.contains("thrum unshelve"))

    let kept = gateway.stop()
    #expect(kept == 0)
    try gateway.startConnected()
    #expect(try alarms().first?.state == "shelved", "a restart does not bring it back")
    #expect(try gateway.thrum("shelve", "pump#1", "--for", "1s").status == 0)
    #expect(eventually(within: 20) { (try? alarms().first?.state) == "unacknowledged" })
    #expect(gateway.status()?.point("pump")?.verdict == "alarm")
    #expect(try eventTypes().suffix(2) == ["org.thrum.alarm.unshelved.v1", "org.thrum.alarm.raised.v1"])
    #expect(try gateway.thrum("check").status == 2)
  }

  @Test("a point out of service raises nothing, is recorded, and is raised when it is put back")
  func outOfService() throws {
    try publish(1...20, velocityRMS: 1)
    #expect(gateway.eventually { $0.received == 20 } != nil)
    #expect(try gateway.thrum("out-of-service", "pump/de", "--note", "sensor loose").status == 0)
    try publish(21...80, velocityRMS: 10)
    #expect(gateway.eventually { $0.received == 80 } != nil)
    #expect(gateway.status()?.point("pump")?.reason == "out_of_service")
    #expect(try alarms().isEmpty)
    #expect(try eventTypes().contains("org.thrum.alarm.withheld.v1"))
    #expect(try gateway.thrum("in-service", "pump/de").status == 0)
    #expect(try alarms().map(\.state) == ["unacknowledged"])
    try publish(81...90, velocityRMS: 10)
    let explained = eventually(within: 20) { (try? gateway.thrum("explain", "pump#1").text.contains("counted again")) == false }
    #expect(explained, "the next window says why")
    let twice = try gateway.thrum("in-service", "pump/de")
    #expect(twice.status == 1 && twice.text.contains("it is in service"))
  }

  @Test("labels, repairs and learning are stored, told and shown; review lists what is not labelled")
  func said() throws {
    try raise()
    #expect(try gateway.thrum("review").text.contains("not labelled"))
    #expect(try gateway.thrum("label", "pump#1", "unsure", "--note", "come again").status == 0)
    #expect(try gateway.thrum("review").text.contains("unsure: come again"))
    #expect(try gateway.thrum("label", "pump#1", "bad", "--fault", "outer").status == 0)
    #expect(try !gateway.thrum("review").text.contains("pump#1"))
    #expect(try gateway.thrum("explain", "pump#1").text.contains("labelled bad (outer)"))
    #expect(try gateway.thrum("label", "pump#1", "good", "--fault", "outer").status == 1)
    #expect(try gateway.thrum("maintenance", "pump/de", "--note", "new bearing", "--reset-baseline").status == 0)
    #expect(try alarms().first?.state == "returned_unacknowledged", "what stood is void")
    let shown = try #require(try gateway.thrum("show", "pump/de", "--trend", "--json").objects().first)
    #expect((shown["trend"] as? [Any])?.isEmpty == false)
    #expect((shown["maintenance"] as? [[String: Any]])?.first?["note"] as? String == "new bearing")
    let drawn = try gateway.thrum("show", "pump/de", "--trend")
    #expect(drawn.text.contains("┤") && drawn.lines.allSatisfy { $0.count <= 80 }, "\(drawn.text)")
    #expect(try gateway.thrum("show", "pump/none").status == 1)
    #expect(try gateway.thrum("watch", "--times", "1", "--json").objects().count == 1)
    let watched = try gateway.thrum("watch", "--times", "1").text
    #expect(watched.contains("gw-1") && watched.contains("returned"), "\(watched)")
    #expect(try gateway.thrum("learn", "pump/de", "stop").text.contains("learning stopped by"))
    let types = try eventTypes()
    for kind in ["label.given", "maintenance.noted", "learning.changed"] {
      #expect(types.contains("org.thrum.\(kind).v1"), "\(kind)")
    }
    try publish(61...120, velocityRMS: 10)
    #expect(eventually(within: 20) { (try? alarms().first?.state) == "unacknowledged" }, "zone D stands without any baseline")
  }

  @Test("who is in no group may look and not touch; an operator may; each stands in the audit log by his own user")
  func roles() throws {
    guard getuid() == 0 else { return }
    try raise()
    for path in [gateway.folder.path, gateway.stateFolder] { chmod(path, 0o755) }
    let viewer = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    let refused = try gateway.run("thrum", ["ack", "pump#1"], wrapper: viewer)
    #expect(refused.status == 1)
    #expect(refused.text.contains("viewer") && refused.text.contains("the group daemon"), "\(refused.text)")
    #expect(try alarms().first?.state == "unacknowledged")
    let operators = ["setpriv", "--reuid=65534", "--regid=65534", "--groups=1"]
    let done = try gateway.run("thrum", ["ack", "pump#1"], wrapper: operators)
    #expect(done.status == 0, "\(done.text)")
    let audit = try gateway.thrum("audit", "list", "--json").objects()
    #expect(audit.map { $0["uid"] as? Int } == [65_534])
    #expect(audit.map { $0["role"] as? String } == ["operator"])
  }

  @Test("what is not there is named, with what is; without a daemon every writing verb says so")
  func unknown() throws {
    try raise()
    for verb in [["ack", "pump#9"], ["shelve", "pump#9", "--for", "1h"], ["unshelve", "fan#1"], ["label", "fan#1", "good"]] {
      let printed = try gateway.run("thrum", verb)
      #expect(printed.status == 1 && printed.text.contains("open are pump#1"), "\(verb): \(printed.text)")
    }
    let fault = try gateway.thrum("label", "pump#1", "bad", "--fault", "banana")
    #expect(
      fault.status == 1 && fault.text.contains("banana") && fault.text.contains("outer, inner, ball, cage"), "\(fault.text)")
    let package = try gateway.thrum("model", "install", "nope.thrum")
    #expect(package.status == 1 && package.text.contains("install nope.thrum: No such file"), "\(package.text)")
    let verified = try gateway.thrum("model", "verify", "nope.thrum")
    #expect(verified.status == 1 && verified.text.contains("verify nope.thrum: No such file"), "\(verified.text)")
    try gateway.folder.write("no package", to: "words.thrum")
    let words = try gateway.thrum("model", "verify", gateway.folder.path("words.thrum"))
    #expect(words.status == 1 && words.text.contains("words.thrum"), "\(words.text)")
    let point = try gateway.thrum("out-of-service", "pump/nde")
    #expect(point.status == 1 && point.text.contains("known are pump/de"), "\(point.text)")
    #expect(try gateway.thrum("shelve", "pump#1", "--for", "31d").status == 1)
    #expect(try gateway.thrum("shelve", "pump#1", "--for", "soon").status == 2)
    #expect(try gateway.thrum("shelve", "pump#1").status == 2)
    gateway.kill()
    for verb in Self.writing {
      let printed = try gateway.run("thrum", verb)
      #expect(printed.status == 1 && printed.text.contains("thrumd does not run"), "\(verb): \(printed.text)")
    }
    #expect(try alarms().map(\.state) == ["unacknowledged"])
    #expect(try gateway.thrum("check").status == 2)
  }

  private static let writing = [
    ["ack", "pump#1"], ["shelve", "pump#1", "--for", "1h"], ["unshelve", "pump#1"], ["label", "pump#1", "good"],
    ["out-of-service", "pump/de"], ["in-service", "pump/de"], ["maintenance", "pump/de", "--note", "x"],
    ["learn", "pump/de", "reset"],
  ]

  @Test("each writing verb's help shows examples")
  func help() throws {
    for verb in Self.writing + [["review"], ["check"], ["show"], ["watch"], ["audit", "list"], ["audit", "verify"]] {
      let words = ["audit"].contains(verb[0]) ? verb : [verb[0]]
      let printed = try gateway.run("thrum", words + ["--help"])
      #expect(printed.status == 0 && printed.text.contains("EXAMPLES"), "\(verb)")
    }
  }

  @Test("a flood of connections, a slow one and a huge one disturb neither frames nor people")
  func flood() throws {
    let path = gateway.stateFolder + "/thrum.sock"
    let slow = try UnixSocket(path)
    slow.send("POST /v1/calls/ack")
    try publish(1...60, velocityRMS: 10)
    var silent: [UnixSocket] = []
    for number in 61...1060 {
      silent.append(try UnixSocket(path))
      if silent.count > 300 { silent.removeFirst() }
      if number.isMultiple(of: 100) { try publish(number / 10 + 51...number / 10 + 60, velocityRMS: 10) }
    }
    UnixSocket.tryToSend(String(repeating: "x", count: 1 << 20), to: path)
    #expect(try gateway.thrum("ack", "pump#1").status == 0)
    let status = try #require(gateway.eventually { $0.received == 160 })
    #expect(status.balances && status.state == "healthy", "\(status.reasons)")
    #expect(gateway.stop() == 0, "and nobody who hangs on keeps it from stopping")
  }

  @Test("a monitoring system is told that nothing is known where there is no store")
  func unknownState() throws {
    let printed = try GatewayProcess(Plant.configuration(broker: broker.url)).thrum("check")
    #expect(printed.status == 3 && printed.text.hasPrefix("THRUM UNKNOWN - "), "\(printed.text)")
  }

  @Test("a monitoring system that asks for a machine that is not there is told so, with those that are, and gets no OK")
  func unknownMachine() throws {
    try publish(1...20, velocityRMS: 1)
    #expect(gateway.eventually { $0.received == 20 } != nil)
    let known = try gateway.thrum("check", "--machine", "pump")
    #expect(known.status != 3 && !known.text.contains("UNKNOWN"), "\(known.text)")
    let printed = try gateway.thrum("check", "--machine", "pupm")
    #expect(printed.status == 3 && printed.text.hasPrefix("THRUM UNKNOWN - "), "\(printed.text)")
    #expect(printed.text.contains("pupm") && printed.text.contains("known are pump"), "\(printed.text)")
  }

  @Test("where the socket cannot be made thrumd watches on and says so")
  func noSocket() throws {
    let gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url), environment: ["THRUM_SOCKET": "/proc/thrum.sock"])
    try gateway.startConnected()
    let status = try #require(gateway.eventually { $0.state == "degraded" })
    #expect(status.reasons.contains { $0.contains("/proc/thrum.sock") }, "\(status.reasons)")
    #expect(gateway.stop() == 0)
  }
}

/// `thrum ARGUMENTS` on a thread of its own.
private final class Asking: Sendable {
  private let printed = Mutex<Printed?>(nil)
  var answer: Printed? { printed.withLock { $0 } }

  init(_ gateway: GatewayProcess, _ arguments: String...) {
    nonisolated(unsafe) let gateway = gateway
    spawnThread { [self] in
      let answer = try? gateway.run("thrum", arguments)
      printed.withLock { $0 = answer }
    }
  }
}

/// A connection that says what it likes.
private final class UnixSocket {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    guard result == 0 else { throw TestSupportError("connect: \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  func send(_ text: String) { _ = Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

  /// What the other side does not want to have it need not take.
  static func tryToSend(_ text: String, to path: String) { (try? UnixSocket(path))?.send(text) }
}
