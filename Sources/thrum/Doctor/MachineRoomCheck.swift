import Glibc
import Signal

/// Memory and processor of the gateway, and what thrumd takes of them.
enum MachineRoomCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    [memory(patient.system), own(patient), load(patient.system), share(patient)].compactMap { $0 }
  }

  private static func memory(_ system: SystemFiles) -> Finding? {
    guard let kilobytes = system.figure("MemAvailable:", in: "/proc/meminfo") else { return nil }
    let words = "\(kilobytes >> 10) MiB to be had"
    if kilobytes < 32 << 10 {
      return .error("memory.available", words, remedy: "end what takes it (ps aux --sort=-rss), or the kernel ends something")
    }
    return kilobytes < 128 << 10
      ? .warning("memory.available", words, remedy: "find what takes it: ps aux --sort=-rss") : .ok("memory.available", words)
  }

  private static func own(_ patient: Patient) -> Finding? {
    guard let pid = patient.daemonPID,
      let kilobytes = SystemFiles(root: "").figure("VmRSS:", in: "/proc/\(pid)/status")
    else { return nil }
    let words = "thrumd takes \(kilobytes >> 10) MiB"
    return kilobytes < 160 << 10
      ? .ok("memory.daemon", words)
      : .warning("memory.daemon", words + "; its unit allows 192", remedy: "fewer points, or raise MemoryMax of its unit")
  }

  private static func load(_ system: SystemFiles) -> Finding? {
    guard let first = system.text("/proc/loadavg")?.split(separator: " ").dropFirst(2).first, let load = Double(first) else {
      return nil
    }
    let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let words = "load \(load) over 15 min on \(counted(cores, "core"))"
    return load <= 2 * Double(cores)
      ? .ok("processor.load", words) : .warning("processor.load", words, remedy: "find what takes it: top")
  }

  /// Of one core, over the daemon's life (proc(5): utime, stime and starttime, in ticks).
  private static func share(_ patient: Patient) -> Finding? {
    guard let pid = patient.daemonPID, let line = SystemFiles(root: "").text("/proc/\(pid)/stat"),
      let uptime = SystemFiles(root: "").text("/proc/uptime")?.split(separator: " ").first.flatMap({ Double($0) })
    else { return nil }
    let fields = line.split(separator: ")").last?.split(separator: " ").compactMap { Double($0) } ?? []
    guard fields.count > 20 else { return nil }
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    // Of the fields behind the name, the first (a letter) is no number: utime is the 11th number, stime the 12th, starttime the 19th.
    let life = uptime - fields[18] / ticks
    guard life > 30 else { return .ok("processor.daemon", "thrumd has just started") }
    let percent = Int(100 * (fields[10] + fields[11]) / ticks / life)
    let words = "thrumd takes \(percent) % of a core"
    return percent < 80
      ? .ok("processor.daemon", words)
      : .warning("processor.daemon", words, remedy: "fewer points, shorter frames, a lower overlap, or a faster gateway")
  }
}
