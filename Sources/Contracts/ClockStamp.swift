import Signal

/// How far a gateway's wall clock can be trusted.
package enum ClockQuality: String, Sendable, Codable {
  case synchronised
  /// Nobody says that it is right.
  case unsynchronised
  /// It shows a time before the first release of Thrum.
  case wrong
}

/// One moment by both of a gateway's clocks: the one on the wall, and the one that began with this boot and never leaps.
package struct ClockStamp: Sendable, Equatable {
  /// The kernel's name for this boot.
  package var boot: String
  /// Since the boot, while asleep too; nanoseconds.
  package var uptime: Int64
  package var wall: UnixTime
  package var quality: ClockQuality

  package init(boot: String, uptime: Int64, wall: UnixTime, quality: ClockQuality) {
    (self.boot, self.uptime, self.wall, self.quality) = (boot, uptime, wall, quality)
  }

  package var isInDoubt: Bool { quality != .synchronised }

  /// Before it no clock is right: a signed floor of its own for those who judge by time alone.
  package static let earliest = UnixTime(seconds: 1_763_000_000)
}

/// The wall clock leapt, or came to be trusted: an event for the plane. Times that this boot's rows were given in doubt can be put
/// right by it: `to` − (`uptime_ms` − the row's).
package struct ClockJump: Sendable, Codable, Equatable {
  package static let type = "org.thrum.clock.jumped.v1"

  package var bootId: String
  package var uptimeMs: Int64
  /// What the clock would show without the leap.
  package var from: UnixTime
  package var to: UnixTime
  package var seconds: Double
  package var qualityBefore: ClockQuality
  package var quality: ClockQuality

  package init(
    bootId: String, uptimeMs: Int64, from: UnixTime, to: UnixTime, seconds: Double, qualityBefore: ClockQuality,
    quality: ClockQuality
  ) {
    (self.bootId, self.uptimeMs, self.from, self.to, self.seconds) = (bootId, uptimeMs, from, to, seconds)
    (self.qualityBefore, self.quality) = (qualityBefore, quality)
  }

  /// The new time is at least possible: what was stamped in doubt before is put right by it.
  package var corrects: Bool { quality != .wrong }
}

/// Watches a gateway's clocks. Pure.
package struct ClockJudge: Sendable {
  /// Less is what NTP corrects now and then.
  private static let leastSeconds = 1.0
  private var last: ClockStamp?

  package init() {}

  /// - Returns: what happened since the stamp before.
  package mutating func take(_ now: ClockStamp) -> ClockJump? {
    defer { last = now }
    guard let last, last.boot == now.boot else { return nil }
    let expected = last.wall.advanced(bySeconds: Double(now.uptime - last.uptime) / 1e9)
    let leap = now.wall.seconds(since: expected)
    guard abs(leap) >= Self.leastSeconds || (last.isInDoubt && !now.isInDoubt) else { return nil }
    return ClockJump(
      bootId: now.boot, uptimeMs: now.uptime / 1_000_000, from: expected, to: now.wall, seconds: leap,
      qualityBefore: last.quality,
      quality: now.quality)
  }
}
