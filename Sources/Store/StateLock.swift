import Glibc
import Synchronization

/// The record lock on `<folder>/thrum.lock` that makes a state folder one daemon's own. The kernel drops it with the process,
/// however that ends, so it also tells whether the daemon lives.
final class StateLock: Sendable {
  private let descriptor: Int32
  private let file: FileIdentity

  init(folder: String) throws(StoreError) {
    let path = Self.path(in: folder)
    let opened = try Self.openedOnce(path)
    var request = Self.wholeFile
    guard fcntl(opened.descriptor, F_SETLK, &request) == 0 else {
      let reason = String(cString: strerror(errno))
      let holder = Self.holder(through: opened.descriptor)
      Self.forget(opened.file, closing: opened.descriptor)
      guard let holder else { throw StoreError("lock", path, reason: reason) }
      throw Self.inUse(path, by: holder)
    }
    (descriptor, file) = opened
  }

  deinit { Self.forget(file, closing: descriptor) }

  /// Tells whoever asks (`waiting(in:)`) what keeps the holder from its store; `nil`: nothing does. The lock itself says it, by the one
  /// byte that it leaves out: on a full disk nothing could be written down, and the kernel forgets it with the process.
  func tell(_ waiting: StoreWaiting?) {
    Self.heldHere.withLock { held in
      held.updateValue(waiting, forKey: file)
      var request = Self.wholeFile
      _ = fcntl(descriptor, F_SETLK, &request)
      guard let waiting else { return }
      request.l_type = Int16(F_UNLCK)
      (request.l_start, request.l_len) = (off_t(waiting.rawValue), 1)
      _ = fcntl(descriptor, F_SETLK, &request)
    }
  }

  /// What keeps the process that has the folder from its store; `nil` when it has it, or when nobody has the folder.
  static func waiting(in folder: String) -> StoreWaiting? {
    let path = path(in: folder)
    return heldHere.withLock { held in
      if let file = FileIdentity(path), let told = held[file] { return told }
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      var request = wholeFile
      guard fcntl(descriptor, F_GETLK, &request) == 0, request.l_type != Int16(F_UNLCK), request.l_start == 0 else { return nil }
      return StoreWaiting(rawValue: Int(request.l_len))
    }
  }

  /// The process that keeps the folder; `nil` when nobody does, or when there is no such folder.
  static func holder(of folder: String) -> Int32? {
    let path = path(in: folder)
    return heldHere.withLock { held in
      if let file = FileIdentity(path), held[file] != nil { return getpid() }
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      return holder(through: descriptor)
    }
  }

  // A record lock belongs to the process and is lost with the *first* descriptor of the file that the process closes
  // (fcntl(2)): so a file that is held here is never opened here again.
  private static let heldHere = Mutex<[FileIdentity: StoreWaiting?]>([:])

  private static func openedOnce(_ path: String) throws(StoreError) -> (descriptor: Int32, file: FileIdentity) {
    try heldHere.withLock { held throws(StoreError) in
      if let file = FileIdentity(path), held[file] != nil { throw inUse(path, by: getpid()) }
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0, let file = FileIdentity(path) else {
        var error = StoreError(errno: "open", path)
        if error.kind == .failed { error.remedy = StateFolder.remedy(forUnwritable: StateFolder.holding(path)) }
        throw error
      }
      held.updateValue(nil, forKey: file)
      return (descriptor, file)
    }
  }

  private static func forget(_ file: FileIdentity, closing descriptor: Int32) {
    heldHere.withLock { held in
      close(descriptor)
      held.removeValue(forKey: file)
    }
  }

  private static func holder(through descriptor: Int32) -> Int32? {
    var request = wholeFile
    guard fcntl(descriptor, F_GETLK, &request) == 0, request.l_type != Int16(F_UNLCK) else { return nil }
    return request.l_pid
  }

  private static var wholeFile: flock {
    var request = flock()
    request.l_type = Int16(F_WRLCK)
    request.l_whence = Int16(SEEK_SET)
    return request
  }

  private static func inUse(_ path: String, by pid: Int32) -> StoreError {
    StoreError(
      "lock", path, reason: "process \(pid) keeps this store", remedy: "stop it, or choose another state folder",
      kind: .inUse(pid: pid))
  }

  private static func path(in folder: String) -> String { folder + "/thrum.lock" }
}

private struct FileIdentity: Hashable {
  let device: dev_t
  let inode: ino_t

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = status.st_dev
    inode = status.st_ino
  }
}
