import Contracts
import Glibc

/// Runs a program with the notice on its standard input; exit code 0 means told.
struct CommandChannel: NoticeChannel {
  let command: [String]
  var patienceSeconds = 30.0

  func send(_ notice: Notice, stopping: StopFlag) throws(NoticeError) {
    let body = JSON.encode(notice) + [UInt8(ascii: "\n")]
    let child = try start(body)
    let end = MonotonicClock.preciseSeconds() + patienceSeconds
    while true {
      var status: Int32 = 0
      let ended = waitpid(child, &status, WNOHANG)
      if ended == child { return try Self.judge(status, command[0]) }
      if ended < 0, errno != EINTR {
        throw NoticeError(description: "wait for \(command[0]): \(String(cString: strerror(errno)))")
      }
      if MonotonicClock.preciseSeconds() >= end || stopping.isSet {
        // The whole group: what it started ends with it.
        kill(-child, SIGKILL)
        waitpid(child, &status, 0)
        throw NoticeError(description: "\(command[0]) took longer than \(Int(patienceSeconds)) s")
      }
      usleep(20_000)
    }
  }

  /// A number that is within the limit and not open is passed over.
  private static var openAtMost: Int32 {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int32(max(3, min(1024, limit.rlim_cur)))
  }

  private static func judge(_ status: Int32, _ program: String) throws(NoticeError) {
    let signal = status & 0x7F
    guard signal == 0 else { throw NoticeError(description: "\(program) was ended by signal \(signal)") }
    let code = (status >> 8) & 0xFF
    guard code == 0 else { throw NoticeError(description: "\(program) ended with \(code)") }
  }

  /// - Parameter body: fits a pipe, so that writing it never waits.
  private func start(_ body: [UInt8]) throws(NoticeError) -> pid_t {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw NoticeError(description: "pipe: \(String(cString: strerror(errno)))") }
    defer { for descriptor in ends where descriptor >= 0 { close(descriptor) } }
    for descriptor in ends { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    guard write(ends[1], body, body.count) == body.count else { throw NoticeError(description: "the notice is too long") }
    close(ends[1])
    ends[1] = -1

    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // The store's and the brokers' are none of its business.
    for descriptor in 3..<Self.openAtMost { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
    posix_spawnattr_setflags(&attributes, flags)

    var child = pid_t()
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    var surroundings: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/local/bin:/usr/bin:/bin"), strdup("LANG=C.UTF-8"), nil]
    defer { for pointer in arguments + surroundings { free(pointer) } }
    let code = posix_spawn(&child, command[0], &actions, &attributes, &arguments, &surroundings)
    guard code == 0 else { throw NoticeError(description: "start \(command[0]): \(String(cString: strerror(code)))") }
    return child
  }
}
