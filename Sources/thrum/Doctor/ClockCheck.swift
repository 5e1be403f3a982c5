import Contracts
import Glibc
import Signal
import Store
import Terminal

enum ClockCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    [plausible(patient.now), synchronised(patient), backwards(patient), sources(patient)].compactMap { $0 }
  }

  private static func plausible(_ now: UnixTime) -> Finding {
    guard now < ClockStamp.earliest else { return .ok("clock.plausible", "\(now.local)") }
    let words = "the clock says \(now.rfc3339), which cannot be"
    return .error("clock.plausible", words, remedy: "set it, or let NTP do so: times in events are wrong")
  }

  private static func synchronised(_ patient: Patient) -> Finding {
    if marks.contains(where: patient.system.exists) { return .ok("clock.synchronised", "synchronised by NTP") }
    return .warning(
      "clock.synchronised", "not known to be synchronised: times in events may be wrong, updates of models are held",
      remedy: "run an NTP client: apt install systemd-timesyncd (or chrony)")
  }

  /// What was written later than now shows that the clock was set back.
  private static func backwards(_ patient: Patient) -> Finding? {
    guard let started = patient.record?.startedAt else { return nil }
    let ahead = started.seconds(since: patient.now)
    guard ahead > 60 else { return .ok("clock.backwards", "goes on from what is stored") }
    return .error(
      "clock.backwards", "the clock was set back: the daemon's last start is \(span(seconds: ahead)) in the future",
      remedy: "set the clock (is the battery of the real-time clock empty?) and run an NTP client")
  }

  /// Capture times are the source's own.
  private static func sources(_ patient: Patient) -> Finding? {
    guard let points = try? patient.report.get().points else { return nil }
    let ahead = points.filter { point in
      point.lastFrameAt.flatMap { UnixTime(rfc3339: $0) }.map { $0.seconds(since: patient.now) > 300 } ?? false
    }
    guard let first = ahead.first else { return .ok("clock.sources", "no source is ahead of this gateway") }
    return .warning(
      "clock.sources", "\(counted(ahead.count, "point")) tell times in the future, as \(first.machine)/\(first.point)",
      remedy: "give the source a time server, or this gateway; correct time_unit of its [[source]]")
  }

  /// systemd-timesyncd touches the first once it has a time; chronyd keeps its socket while it runs.
  private static let marks = ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.sock"]
}
