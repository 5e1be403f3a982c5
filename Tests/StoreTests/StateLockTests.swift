import Glibc
import SQLite
import Store
import TestSupport
import Testing

@Suite struct StateLockTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  /// Takes or looks at the record lock from another process, as any other program would (fcntl(2)).
  private let judge = """
    import fcntl, os, struct, sys, time
    file = open(sys.argv[2] + "/thrum.lock", "a")
    if sys.argv[1] == "ask":
        kind, _, _, _, pid = struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)))
        print("free" if kind == fcntl.F_UNLCK else pid, end="")
    else:
        fcntl.lockf(file, fcntl.LOCK_EX)
        open(sys.argv[2] + "/taken", "w")
        time.sleep(600)
    """

  @Test("a store that another process keeps is refused, naming its pid, and left alone")
  func secondProcess() throws {
    let holder = try ChildProcess(["python3", "-c", judge, "hold", bench.folder.path])
    #expect(eventually { access(bench.folder.path("taken"), F_OK) == 0 })
    let error = #expect(throws: StoreError.self) { try bench.open() }
    #expect(error?.kind == .inUse(pid: holder.processID))
    #expect(error?.description.contains("process \(holder.processID) keeps this store") == true)
    #expect(StoreReader.daemonPID(folder: bench.folder.path) == holder.processID)
    #expect(access(bench.database, F_OK) != 0)
    holder.kill()
    #expect(StoreReader.daemonPID(folder: bench.folder.path) == nil)
    _ = try bench.open()
  }

  @Test("nothing this process does with the folder gives its lock away")
  func heldHere() throws {
    let store = try bench.open()
    let error = #expect(throws: StoreError.self) { try bench.open() }
    #expect(error?.kind == .inUse(pid: getpid()))
    #expect(StoreReader.daemonPID(folder: bench.folder.path) == getpid())
    #expect(try StoreReader(folder: bench.folder.path).daemonPID == getpid())
    #expect(try run(["python3", "-c", judge, "ask", bench.folder.path]) == "\(getpid())")
    withExtendedLifetime(store) {}
  }

  @Test("a folder that is not there is made; one that cannot be made is told")
  func folder() throws {
    _ = try openStore(in: bench.folder.path("a/b"))
    #expect(access(bench.folder.path("a/b/thrum.db"), F_OK) == 0)
    try bench.folder.write("", to: "file")
    let error = #expect(throws: StoreError.self) { try openStore(in: bench.folder.path("file/b")) }
    #expect(error?.description.hasPrefix("make \(bench.folder.path)/file/b: Not a directory; ") == true)
  }

  @Test("the lock goes with the store")
  func released() throws {
    do { _ = try bench.open() }
    #expect(try run(["python3", "-c", judge, "ask", bench.folder.path]) == "free")
    #expect(StoreReader.daemonPID(folder: bench.folder.path) == nil)
    #expect(StoreReader.daemonPID(folder: bench.folder.path("missing")) == nil)
  }
}
