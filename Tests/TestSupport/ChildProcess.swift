import Glibc

/// A program that a test starts and ends; it never outlives this object.
package final class ChildProcess {
  package let processID: Int32
  private var isReaped = false

  /// Starts `arguments[0]`, looked up in PATH; what it prints goes to `output`.
  package init(_ arguments: [String], environment: [String: String] = [:], output: String = "/dev/null") throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // A socket that a child inherits would stay open after its owner closed it.
    for descriptor in Int32(3)..<1024 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A test's threads run with signals blocked; a child that inherited that would never hear SIGTERM.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var processID: Int32 = 0
    let result = withCStrings(arguments) { argv in
      withCStrings(inherited(with: environment)) { posix_spawnp(&processID, arguments[0], &actions, &attributes, argv, $0) }
    }
    guard result == 0 else { throw TestSupportError("start \(arguments[0]): \(String(cString: strerror(result)))") }
    self.processID = processID
  }

  deinit {
    if !isReaped {
      send(SIGKILL)
      waitUntilExit()
    }
  }

  package func send(_ signal: Int32) {
    if !isReaped { Glibc.kill(processID, signal) }
  }

  /// Asks the program to end and waits until it has; kills it when it does not within ten seconds.
  package func terminate() {
    send(SIGCONT)
    send(SIGTERM)
    if !eventually(within: 10, { !isRunning }) { kill() }
  }

  /// Ends the program as a power cut would.
  package func kill() {
    send(SIGKILL)
    waitUntilExit()
  }

  package var isRunning: Bool { exitStatus(options: WNOHANG) == nil }

  /// The exit code, or 128 + the signal that ended it.
  @discardableResult
  package func waitUntilExit() -> Int32 { exitStatus(options: 0) ?? -1 }

  private var status: Int32 = 0

  private func exitStatus(options: Int32) -> Int32? {
    if !isReaped {
      var result: Int32
      repeat { result = waitpid(processID, &status, options) } while result < 0 && errno == EINTR
      isReaped = result == processID
    }
    guard isReaped else { return nil }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}

/// Runs a program to its end and returns what it printed; throws when it exits with another code than 0.
@discardableResult
package func run(_ arguments: [String]) throws -> String {
  let folder = try TemporaryFolder()
  let output = folder.path("output")
  let status = try ChildProcess(arguments, output: output).waitUntilExit()
  let text = try contents(ofFile: output)
  guard status == 0 else { throw TestSupportError("\(arguments.joined(separator: " ")): exit \(status): \(text)") }
  return text
}

private func inherited(with additions: [String: String]) -> [String] {
  var lines = additions.map { "\($0)=\($1)" }
  var entry = environ
  while let pointer = entry.pointee {
    let line = String(cString: pointer)
    let name = line.prefix { $0 != "=" }
    if additions[String(name)] == nil { lines.append(line) }
    entry += 1
  }
  return lines
}

private func withCStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
  let pointers = strings.map { strdup($0) }
  defer { pointers.forEach { free($0) } }
  return body(pointers + [nil])
}
