import Configuration
import Contracts
import Glibc
import Signal
import Store
import Terminal

/// Whether thrumd runs; and where it does not, since when and why.
enum DaemonCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    switch patient.report {
    case .failure(let error):
      return [unreadable(error, patient)]
    case .success(let report):
      return state(of: report, patient) + [release(report), rival(patient)].compactMap { $0 }
    }
  }

  private static func unreadable(_ error: any Error, _ patient: Patient) -> Finding {
    let remedy = (error as? StoreError)?.remedy ?? "start thrumd once; if it ran, check who may read \(patient.folder)"
    var told = error as? StoreError
    told?.remedy = nil
    return .error("daemon.state", told.map { "\($0)" } ?? "\(error)", remedy: remedy)
  }

  private static func state(of report: StatusReport, _ patient: Patient) -> [Finding] {
    switch report.state {
    case .healthy: [.ok("daemon.state", "thrumd \(report.version) runs and is healthy")]
    case .starting: [starting(report, patient)]
    case .stopped: [stopped(report, patient)]
    case .degraded: report.reasons.map { .error("daemon.state", "degraded: \($0)", remedy: "see the checks below") }
    }
  }

  private static func starting(_ report: StatusReport, _ patient: Patient) -> Finding {
    guard let waiting = StoreReader.waiting(folder: patient.folder) else {
      return .ok("daemon.state", "thrumd \(report.version) is starting")
    }
    return .error(
      "daemon.state", "thrumd runs and watches nothing: it waits for its store, \(waiting.reason)",
      remedy: "\(waiting.remedy); it goes on by itself")
  }

  private static func stopped(_ report: StatusReport, _ patient: Patient) -> Finding {
    let since = report.stoppedSince.flatMap { UnixTime(rfc3339: $0) }
    let words = "thrumd does not run, stopped since \(since?.local ?? "it was made")"
    let why = Obituary(patient, stopped: since)
    return .error("daemon.state", "\(words): \(why.cause)", remedy: why.remedy)
  }

  private static func release(_ report: StatusReport) -> Finding {
    report.version == version || report.state == .stopped
      ? .ok("daemon.version", "thrum \(version)")
      : .warning(
        "daemon.version", "thrumd \(report.version) runs, thrum is \(version)", remedy: "restart thrumd: the new one is installed"
      )
  }

  /// Another daemon with the same name at the same broker: each takes the session from the other.
  private static func rival(_ patient: Patient) -> Finding {
    guard let config = try? patient.config.get() else { return .ok("daemon.alone", "not looked at without a configuration") }
    let rivals = RunningDaemon.all().filter { $0.pid != patient.daemonPID && $0.isRival(of: config) }
    guard let first = rivals.first else { return .ok("daemon.alone", "no other thrumd under this name on this machine") }
    return .error(
      "daemon.alone",
      "process \(first.pid) is a second thrumd, also \(config.gateway.fleet)/\(config.gateway.name) at \(config.broker.url): "
        + "two daemons take the broker's session from each other",
      remedy: "end one of them, or give it another gateway.name")
  }
}

/// Why a daemon is not there any more, as far as its traces tell.
struct Obituary {
  let cause: String
  let remedy: String

  init(_ patient: Patient, stopped since: UnixTime?) {
    let restart = "systemctl start \(patient.unit?.name ?? "thrumd") (or thrumd); the journal has its last words"
    if case .failure(let error) = patient.config {
      let first = error.problems.first.map { "\($0)" } ?? "see above"
      (cause, remedy) = ("it cannot start: the configuration is refused: \(first)", "mend the configuration, then start it")
    } else if let end = patient.unit?.end {
      let words = patient.unit?.lastWords.last.map { "; it said: \($0)" } ?? ""
      (cause, remedy) = (end + words, restart)
    } else if patient.record?.endedInOrder == true {
      (cause, remedy) = ("it was told to stop and ended in good order", restart)
    } else if let booted = Self.bootTime(patient.system), let since, booted > since {
      (cause, remedy) = ("the machine was restarted \(booted.local) while it ran: a power cut or a reboot", restart)
    } else {
      let before = patient.record?.state.reasons.first.map { "; it had been degraded: \($0)" } ?? ""
      (cause, remedy) = ("killed, crashed or cut off: it wrote no end; nothing committed is lost\(before)", restart)
    }
  }

  private static func bootTime(_ system: SystemFiles) -> UnixTime? {
    system.figure("btime ", in: "/proc/stat").map { UnixTime(seconds: Double($0)) }
  }
}
