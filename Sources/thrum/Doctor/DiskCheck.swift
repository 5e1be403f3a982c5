import Contracts
import Glibc

/// Room, rights, kind and age of the disk under the state folder.
enum DiskCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    var disk = statvfs()
    guard statvfs(patient.folder, &disk) == 0 else {
      let reason = String(cString: strerror(errno))
      return [.error("disk.space", "\(patient.folder): \(reason)", remedy: "create the folder, or set THRUM_STATE_DIR")]
    }
    let free = Int(disk.f_bavail) * Int(disk.f_frsize)
    return [space(free, patient), inodes(disk), writable(disk), kind(patient), wear(patient), writes(patient)].compactMap { $0 }
  }

  private static func space(_ free: Int, _ patient: Patient) -> Finding {
    let report = try? patient.report.get()
    let wanted = report.map { max(0, $0.store.maxBytes - $0.store.bytes) } ?? 64 << 20
    let words = "\(free >> 20) MiB free, the store may still grow by \(wanted >> 20) MiB"
    if free < 64 << 20 {
      return .error("disk.space", words, remedy: "free space now: a full disk stops acknowledgements to the broker")
    }
    if free < wanted { return .warning("disk.space", words, remedy: "lower store.max_bytes, or free space") }
    return .ok("disk.space", words)
  }

  private static func inodes(_ disk: statvfs) -> Finding {
    guard disk.f_files > 0, disk.f_favail < 100 else { return .ok("disk.inodes", "enough files can be made") }
    return .error("disk.inodes", "\(disk.f_favail) inodes free", remedy: "remove files: nothing new can be created")
  }

  private static func writable(_ disk: statvfs) -> Finding {
    guard disk.f_flag & UInt(ST_RDONLY) != 0 else { return .ok("disk.writable", "mounted for writing") }
    let remedy = "dmesg says why (a dying card is mounted read-only by the kernel); mount -o remount,rw"
    return .error("disk.writable", "mounted read-only: nothing can be committed", remedy: remedy)
  }

  private static func kind(_ patient: Patient) -> Finding? {
    guard let kind = fileSystem(of: patient.folder) else { return nil }
    switch kind {
    case "tmpfs", "ramfs":
      return .warning(
        "disk.kind", "\(patient.folder) is in memory: all is gone with the power", remedy: "put it on a disk (THRUM_STATE_DIR)")
    case "nfs", "nfs4", "cifs", "smb3", "9p":
      let remedy = "put it on a local disk: SQLite's log cannot be trusted over a network"
      return .error("disk.kind", "\(patient.folder) is on a network file system", remedy: remedy)
    default: return .ok("disk.kind", "a local file system (\(kind))")
    }
  }

  /// The type of the innermost mount above a folder (proc(5), mounts: device, place, type).
  private static func fileSystem(of folder: String) -> String? {
    guard let real = realpath(folder, nil) else { return nil }
    defer { free(real) }
    let path = String(cString: real) + "/"
    let mounts = SystemFiles(root: "").text("/proc/mounts")?.split(separator: "\n").map { $0.split(separator: " ") } ?? []
    let above = mounts.filter { $0.count > 2 && path.hasPrefix($0[1] == "/" ? "/" : $0[1] + "/") }
    return above.max { $0[1].count < $1[1].count }.map { String($0[2]) }
  }

  /// eMMC tells its age itself, in tenths of its life (JEDEC eMMC 5.0, EXT_CSD device life time estimates).
  private static func wear(_ patient: Patient) -> Finding? {
    let cards = patient.system.list("/sys/block").filter { $0.contains("/mmcblk") }
    let ages = cards.compactMap { patient.system.text($0 + "/device/life_time") }
      .flatMap { $0.split(whereSeparator: \.isWhitespace) }.compactMap { Int($0.dropFirst(2), radix: 16) }
    guard let worst = ages.max(), worst > 0 else { return .ok("flash.life", "no eMMC that tells its age") }
    let words = "the eMMC has used \((worst - 1) * 10) to \(worst * 10) % of its life"
    return worst < 8 ? .ok("flash.life", words) : .warning("flash.life", words, remedy: "plan its replacement; thrum backup now")
  }

  private static func writes(_ patient: Patient) -> Finding? {
    guard let store = try? patient.report.get().store else { return nil }
    guard let bytes = store.writtenBytesPerDay else {
      return .ok("flash.writes", "\(store.writtenBytesToday >> 20) MiB written since midnight UTC")
    }
    let words = "\(bytes >> 20) MiB written a day, \(bytes / 1_000_000 * 365 / 1000) GB a year"
    guard bytes > heavy else { return .ok("flash.writes", words) }
    return .warning("flash.writes", words, remedy: "much for an SD card: fewer frames, a longer interval, or an SSD")
  }

  /// A 32 GB card of 1,000 cycles lasts about five years at this rate with a write amplification of 1.
  private static let heavy = 20_000_000_000
}
