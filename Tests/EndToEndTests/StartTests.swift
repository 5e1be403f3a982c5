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
    #expect(socket.messages.contains("STOPPING=1"))
  }
}
