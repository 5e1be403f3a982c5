import Contracts
import Glibc

enum DiskCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    var disk = statvfs()
    guard statvfs(patient.folder, &disk) == 0 else {
      let reason = String(cString: strerror(errno))
      return [.error("disk", "\(patient.folder): \(reason)", remedy: "create the folder, or set THRUM_STATE_DIR")]
    }
    let free = Int(disk.f_bavail) * Int(disk.f_frsize)
    return [space(free, patient), inodes(disk)].compactMap { $0 }
  }

  private static func space(_ free: Int, _ patient: Patient) -> Finding {
    let report = try? patient.report.get()
    let wanted = report.map { max(0, $0.store.maxBytes - $0.store.bytes) } ?? 64 << 20
    let words = "\(free >> 20) MiB free, the store may still grow by \(wanted >> 20) MiB"
    if free < 64 << 20 {
      return .error("disk", words, remedy: "free space now: a full disk stops acknowledgements to the broker")
    }
    if free < wanted { return .warning("disk", words, remedy: "lower store.max_bytes, or free space") }
    return .ok("disk", words)
  }

  private static func inodes(_ disk: statvfs) -> Finding? {
    guard disk.f_files > 0, disk.f_favail < 100 else { return nil }
    return .error("disk", "\(disk.f_favail) inodes free", remedy: "remove files: nothing new can be created")
  }
}
