import Contracts
import Glibc
import Signal

/// The gateway's two clocks and what is known of them. Used by the ingest thread alone.
final class GatewayClock {
  private var judge = ClockJudge()
  private(set) var stamp: ClockStamp
  private let boot = GatewayClock.bootName

  init() { stamp = Self.read(boot) }

  /// - Returns: what the wall clock did since the last look.
  func look() -> ClockJump? {
    stamp = Self.read(boot)
    return judge.take(stamp)
  }

  private static func read(_ boot: String) -> ClockStamp {
    var uptime = timespec()
    clock_gettime(CLOCK_BOOTTIME, &uptime)
    let wall = UnixTime.now()
    return ClockStamp(
      boot: boot, uptime: Int64(uptime.tv_sec) * 1_000_000_000 + Int64(uptime.tv_nsec), wall: wall, quality: quality(wall))
  }

  private static func quality(_ wall: UnixTime) -> ClockQuality {
    if wall < ClockStamp.earliest { return .wrong }
    return marks.contains { access($0, F_OK) == 0 } ? .synchronised : .unsynchronised
  }

  /// systemd-timesyncd touches the first once it has a time; chronyd keeps its socket while it runs.
  private static let marks = ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.sock"]

  /// One that is made up serves as well, as long as this process lives.
  private static var bootName: String {
    guard let file = fopen("/proc/sys/kernel/random/boot_id", "re") else { return "\(Epoch.random())" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 64)
    guard fgets(&line, Int32(line.count), file) != nil else { return "\(Epoch.random())" }
    return String(decoding: line.prefix { $0 > 32 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
