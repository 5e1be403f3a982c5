import Contracts
import FoundationEssentials
import Glibc
import Signal

/// How far somebody has been told, in the lane of alarms.
struct NoticePlace: Codable, Sendable, Equatable {
  var epoch: String
  var sequence: UInt64
  /// Of the last event told.
  var time: UnixTime?

  init(epoch: String, sequence: UInt64, time: UnixTime?) { (self.epoch, self.sequence, self.time) = (epoch, sequence, time) }

  /// - Returns: `nil` where there is none, or none that can be read.
  static func read(_ path: String) -> Self? {
    guard let data = try? Data(contentsOf: URL(filePath: path)), data.count < 4096 else { return nil }
    return try? JSON.decode(Self.self, from: data)
  }

  /// Whole or not at all, also when the power goes.
  /// - Returns: whether it lies on the disk.
  func write(_ path: String) -> Bool {
    let draft = path + ".draft"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    let bytes = JSON.encode(self)
    let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    close(descriptor)
    return isWritten && rename(draft, path) == 0
  }
}

/// How often somebody may be told: a burst of ten minutes' worth, then evenly.
struct NoticePace {
  private let perSecond: Double
  private let most: Double
  private var left: Double
  private var at: Double

  init(perHour: Int, at now: Double) {
    perSecond = Double(perHour) / 3600
    most = max(1, Double(perHour) / 6)
    (left, at) = (most, now)
  }

  /// Notices that may be sent at once.
  mutating func allowed(at now: Double) -> Int {
    left = min(most, left + max(0, now - at) * perSecond)
    at = now
    return Int(left)
  }

  mutating func sent() { left -= 1 }
}
