import Anomaly
import Contracts
import Glibc
import Signal

/// A point as the tools show it.
package struct PointRecord: Sendable, Equatable {
  package var point: PointID
  package var state: PointState
  package var ledger: Ledger
  /// `nil` when its source has no sequences.
  package var sequences: SequenceRanges?
  /// Why its alarms are not shown, where they are not.
  package var suppression: Suppression?
  /// Who stopped its learning, where somebody did.
  package var learningStop: LearningStop?
  /// Budget of false alarms and drift; `nil` before the point has learned.
  package var watch: WatchSummary?
  /// Of delivered models that are on trial here, by the name they speak under; every other one is active.
  package var stages: [String: ModelStage] = [:]
  /// The end of a slow value's history; `nil` for vibration.
  package var latest: StatusReport.Latest?
  /// How many labels what it learned itself is calibrated on; `nil`: by its margin alone.
  package var probabilityLabels: Int?
}

/// What the daemon goes on from.
package struct RestoredState: Sendable {
  package struct Point: Sendable {
    package var id: PointID
    package var point: RestoredPoint
  }

  /// By machine and point.
  package var points: [Point]
  /// The newest alarm of each machine, closed or not.
  package var alarms: [Alarm]
  package var ring: RedeliveryRing
  /// The broker session was used before.
  package var hadSession: Bool
  package var suppressions: [PointID: Suppression] = [:]
  /// Points that somebody told to learn nothing.
  package var learningStops: [PointID: LearningStop] = [:]
}

/// An event as the tools show it.
package struct EventRecord: Sendable, Equatable {
  package var lane: Lane
  package var sequence: UInt64
  package var id: String
  package var time: UnixTime
  package var type: String
  package var subject: String
  /// The CloudEvent's JSON.
  package var bytes: [UInt8]
  /// The plane has it.
  package var isDelivered: Bool
  /// `nil`: the clock was right when it happened.
  package var clock: ClockMark?
}

/// That something happened, when, and to whom.
package struct EventMark: Sendable, Equatable {
  package var type: String
  package var subject: String
  package var time: UnixTime

  package init(type: String, subject: String, time: UnixTime) {
    self.type = type
    self.subject = subject
    self.time = time
  }
}

/// What `hello` says of this store.
package struct Numbering: Sendable, Equatable {
  package var epoch: Epoch
  package var parent: Epoch?
  package var incarnation: UInt64
  package var lanes: [LaneHead]
  /// When the oldest event happened that the plane has not got.
  package var oldestUnsent: UnixTime?

  package var unsentEvents: UInt64 { lanes.reduce(0) { $0 + ($1.last - $1.through) } }
}

/// What the store takes on the disk.
package struct StoreUse: Sendable, Equatable {
  package var bytes = 0
  package var writtenAt: UnixTime?
  /// What ordinary users may still take on that disk; `nil` when it cannot be told.
  package var freeBytes: Int?
  /// The disk can be read only.
  package var isReadOnly = false

  package init(file: String) {
    freeBytes = DiskSpace.freeBytes(at: file)
    isReadOnly = DiskSpace.isReadOnly(at: file)
    for path in [file, file + "-wal"] {
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      bytes += Int(status.st_blocks) * 512
      let written = UnixTime(nanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
      writtenAt = max(writtenAt ?? written, written)
    }
  }
}

enum DiskSpace {
  static func isReadOnly(at path: String) -> Bool {
    var status = statvfs()
    return statvfs(existing(path), &status) == 0 && status.f_flag & UInt(ST_RDONLY) != 0
  }

  /// Not one byte or not one file more can be had.
  static func isUsedUp(at path: String) -> Bool {
    var status = statvfs()
    guard statvfs(existing(path), &status) == 0, status.f_blocks > 0 else { return false }
    return status.f_bavail == 0 || (status.f_files > 0 && status.f_favail == 0)
  }

  /// The folder itself, or the innermost above it that is there.
  private static func existing(_ path: String) -> String {
    var path = path
    while !Disk.exists(path), path.count > 1, path != "." { path = Disk.folder(of: path) }
    return path
  }

  /// How many files ordinary users may still make on the disk that holds `path`; `nil` where they are not counted.
  static func freeFiles(at path: String) -> Int? {
    var status = statvfs()
    guard statvfs(existing(path), &status) == 0, status.f_files > 0 else { return nil }
    return Int(status.f_favail)
  }

  /// What ordinary users may still take on the disk that holds `path`; `nil` when it cannot be told.
  static func freeBytes(at path: String) -> Int? {
    var status = statvfs()
    guard statvfs(existing(path), &status) == 0 else { return nil }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }
}
