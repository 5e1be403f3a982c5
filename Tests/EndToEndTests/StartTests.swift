import Foundation
import SQLite
import Store
import TestSupport
import Testing

/// How thrumd starts, what makes it refuse, and what it tells the service manager.
@Suite struct StartTests {
  private func gateway(_ configuration: String = "", environment: [String: String] = [:]) throws -> GatewayProcess {
    try GatewayProcess(
      Plant.configuration(broker: "mqtt://127.0.0.1:\(try freePort())") + configuration, environment: environment)
  }

  @Test("an unknown key ends it with 2, and it names the file and the key", arguments: [["--check-config"], []])
  func unknownKey(arguments: [String]) throws {
    let gateway = try gateway("\n[store]\nmax_byte = 5\n")
    let printed = try gateway.run("thrumd", arguments)
    #expect(printed.status == 2)
    #expect(printed.text.contains(gateway.folder.path("thrum.toml")))
    #expect(printed.text.contains("store.max_byte"))
    #expect(!FileManager.default.fileExists(atPath: gateway.stateFolder))
    #expect(try gateway.thrum("config", "check").status == 2)
  }

  @Test("a configuration without fault passes the check; a file that is not there does not")
  func checkedConfiguration() throws {
    let gateway = try gateway()
    #expect(try gateway.run("thrumd", ["--check-config"]).status == 0)
    let missing = try gateway.run("thrumd", ["--config", "/nowhere/thrum.toml"])
    #expect(missing.status == 2)
    #expect(missing.text.contains("/nowhere/thrum.toml"))
    #expect(try gateway.run("thrumd", ["--no-such-option"]).status == 2)
  }

  @Test("a severity class that nobody knows is refused before anything starts, with those that are known")
  func unknownSeverity() throws {
    let gateway = try gateway("\n[[machine]]\nname = \"pump\"\nseverity = \"iso20816-3/group9/rigid\"\n")
    for (program, arguments) in [("thrumd", []), ("thrumd", ["--check-config"]), ("thrum", ["config", "check"])] {
      let printed = try gateway.run(program, arguments)
      #expect(printed.status == 2)
      #expect(printed.text.contains("severity") && printed.text.contains("group9"))
      #expect(printed.text.contains("iso20816-3/group2/rigid"))
    }
  }

  @Test("a database of a newer version is refused with both versions, and left as it is")
  func newerDatabase() throws {
    let gateway = try gateway()
    try gateway.start()
    #expect(gateway.eventually { $0.state != "stopped" && $0.state != "starting" } != nil)
    #expect(gateway.stop() == 0)
    let database = try Database(path: gateway.database, mode: .readWriteCreate)
    let known = try database.pragma("user_version")
    try database.execute("PRAGMA user_version = 99")
    for program in ["thrumd", "thrum"] {
      let printed = try gateway.run(program, program == "thrum" ? ["status"] : [])
      #expect(printed.status == 1)
      #expect(printed.text.contains("schema 99") && printed.text.contains("knows \(known)"), "\(printed.text)")
    }
    #expect(try database.pragma("user_version") == 99)
  }

  @Test("a second thrumd on the same store is refused with the pid of the first, which goes on")
  func secondDaemon() throws {
    let gateway = try gateway()
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    let printed = try gateway.run("thrumd", [])
    #expect(printed.status == 1)
    #expect(printed.text.contains("process \(try #require(gateway.processID)) keeps this store"), "\(printed.text)")
    #expect(gateway.isRunning)
    #expect(gateway.status()?.state == "degraded")
    #expect(gateway.stop() == 0)
  }

  @Test("a state folder that cannot be made or written is named, with what to do", arguments: ["/proc/thrum", "/dev/null/thrum"])
  func impossibleFolder(folder: String) throws {
    let printed = try gateway(environment: ["THRUM_STATE_DIR": folder]).run("thrumd", [])
    #expect(printed.status == 1)
    #expect(printed.text.contains(folder) && printed.text.contains("THRUM_STATE_DIR"))
  }

  @Test(
    "a state folder that belongs to somebody else: who, and how to be let in; the reader is told apart from one who came too early"
  )
  func foreignFolder() throws {
    guard getuid() == 0 else { return }
    let gateway = try gateway()
    chmod(gateway.folder.path, 0o755)
    try FileManager.default.createDirectory(atPath: gateway.stateFolder, withIntermediateDirectories: true)
    chmod(gateway.stateFolder, 0o755)
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    let refused = try gateway.run("thrumd", [], wrapper: nobody)
    #expect(refused.status == 1 && refused.text.contains("it belongs to root: chown -R nobody: "), "\(refused.text)")
    let doctor = try gateway.run("thrum", ["doctor", "--json"], wrapper: nobody)
    #expect(doctor.text.contains("a thrumd started by nobody ends at once"), "\(doctor.text)")
    let early = try gateway.run("thrum", ["status"], wrapper: nobody)
    #expect(early.status == 1 && early.text.contains("thrumd has not run here yet"), "\(early.text)")
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    chmod(gateway.stateFolder, 0o750)
    chown(gateway.stateFolder, 0, 1)
    let barred = try gateway.run("thrum", ["status"], wrapper: nobody)
    #expect(barred.text.contains("nobody may not read it; adduser nobody daemon, then log in again"), "\(barred.text)")
    #expect(gateway.stop() == 0)
  }

  @Test("it tells systemd READY=1 once it works, its state in words, and STOPPING=1 before it ends with 0")
  func notifies() throws {
    let socket = try NotifySocket()
    let gateway = try gateway(environment: ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "200000"])
    try gateway.start()
    #expect(socket.hears { $0 == "READY=1" })
    #expect(socket.hears { $0.hasPrefix("STATUS=degraded; broker: mqtt://127.0.0.1:") })
    #expect(socket.hears { $0 == "WATCHDOG=1" })
    #expect(gateway.isRunning)
    #expect(gateway.stop() == 0)
    #expect(socket.hears { $0 == "STOPPING=1" })
  }

  @Test("from READY=1 on SIGTERM is a stop in good order, however soon it comes", arguments: 1...5)
  func stoppedAtOnce(round: Int) throws {
    let socket = try NotifySocket()
    let gateway = try gateway(environment: ["NOTIFY_SOCKET": socket.path])
    try gateway.start()
    #expect(socket.hears { $0 == "READY=1" })
    #expect(gateway.stop() == 0)
    #expect(socket.hears { $0 == "STOPPING=1" })
  }

  // MARK: a store that cannot be opened yet

  @Test(
    "on a disk without a free byte it stays, tells systemd, status and doctor why, keeps others away, and goes on when there is room",
    .enabled(if: SmallDisk.isAvailable, "needs root for a small disk"))
  func fullDisk() throws {
    let (disk, socket) = (try SmallDisk(megabytes: 40), try NotifySocket())
    defer { withExtendedLifetime(disk) {} }
    disk.fill()
    let gateway = try gateway(
      "\n[store]\nmax_bytes = 16_777_216\n",
      environment: ["THRUM_STATE_DIR": disk.path + "/state", "NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "200000"])
    try gateway.start()
    #expect(socket.hears { $0.hasPrefix("STATUS=starting; store: ") })
    #expect(socket.hears { $0 == "READY=1" } && socket.hears { $0 == "WATCHDOG=1" })
    for arguments in [["status"], ["points"], ["doctor"]] {
      let printed = try gateway.run("thrum", arguments)
      #expect(printed.status != 0)
      #expect(printed.text.contains("too little room") && printed.text.contains("free some space"), "\(printed.text)")
    }
    #expect(try gateway.thrum("check").status == 2)
    #expect(try gateway.run("thrumd", []).text.contains("keeps this store"))
    #expect(gateway.isRunning)
    #expect(disk.freeBytes == 0)
    disk.free()
    #expect(gateway.logs("Thrum is running"))
    #expect(gateway.eventually { $0.state == "degraded" && $0.reasons.allSatisfy { $0.hasPrefix("broker: ") } } != nil)
    #expect(gateway.stop() == 0)
  }

  @Test(
    "what was written before can be read while it waits, and says that nothing is watched",
    .enabled(if: SmallDisk.isAvailable, "needs root for a small disk"))
  func waitsWithStore() throws {
    let disk = try SmallDisk(megabytes: 40)
    defer { withExtendedLifetime(disk) {} }
    let folder = disk.path + "/state"
    let gateway = try gateway("\n[store]\nmax_bytes = 16_777_216\n", environment: ["THRUM_STATE_DIR": folder])
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    #expect(gateway.stop() == 0)
    // Damage whose salvage has no room.
    disk.fill(leaving: 1 << 18)
    try Data("found by a test".utf8).write(to: URL(filePath: folder + "/thrum.db.suspect"))
    try gateway.start()
    let status = gateway.eventually { $0.state == "starting" && !$0.reasons.isEmpty }
    #expect(status?.reasons.first?.contains("watches nothing: the disk has too little room; free some space") == true)
    let check = try gateway.thrum("check")
    #expect(check.status == 2 && check.text.contains("watches nothing"))
    let findings = try gateway.thrum("doctor", "--json").text
    #expect(findings.contains("watches nothing: it waits for its store"))
    #expect(gateway.stop() == 0)
  }

  @Test(
    "while it waits a stop is a stop in good order, and a changed configuration is begun anew with",
    .enabled(if: SmallDisk.isAvailable, "needs root for a small disk"))
  func stoppedWaiting() throws {
    let (disk, socket) = (try SmallDisk(megabytes: 2), try NotifySocket())
    defer { withExtendedLifetime(disk) {} }
    disk.fill()
    let gateway = try gateway(environment: ["THRUM_STATE_DIR": disk.path + "/state", "NOTIFY_SOCKET": socket.path])
    try gateway.start()
    #expect(gateway.logs("trying again"))
    gateway.reload()
    #expect(gateway.logs("trying again", times: 2))
    #expect(gateway.isRunning)
    #expect(gateway.stop() == 0)
    #expect(socket.hears { $0 == "STOPPING=1" })
  }
}
