import Glibc

/// One hand at a time changes the repository: a serving plane, a person's command.
final class RepositoryLock {
  private let file: Int32

  /// Makes the folders that are missing.
  init(_ repository: PlaneRepository, waits: Bool) throws(PlaneError) {
    for folder in [repository.folder] + PlaneRepository.folders.map(repository.path) {
      let mode: mode_t = folder.hasSuffix("/keys") ? 0o700 : 0o755
      guard mkdir(folder, mode) == 0 || errno == EEXIST else { throw Self.failure("make", folder) }
    }
    let path = repository.path("lock")
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw Self.failure("open", path) }
    guard flock(file, waits ? LOCK_EX : LOCK_EX | LOCK_NB) == 0 else { throw Self.failure("lock", path) }
  }

  deinit { close(file) }

  private static func failure(_ operation: String, _ path: String) -> PlaneError {
    let code = errno
    let remedy =
      code == EACCES || code == EPERM || code == EROFS
      ? "do it as the user who owns the repository, or name another by --repository DIR or THRUM_PLANE_REPOSITORY"
      : "name the repository by --repository DIR or THRUM_PLANE_REPOSITORY; the folder above it must be there"
    return PlaneError(operation, path, reason: String(cString: strerror(code)), remedy: remedy)
  }
}
