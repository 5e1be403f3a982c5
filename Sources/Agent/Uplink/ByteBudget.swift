import Contracts
import Signal

/// What may be sent to the plane in a UTC day. When it runs short the lanes stop one after the other; alarms always go.
struct ByteBudget: Equatable {
  /// `nil`: no limit.
  let bytesPerDay: Int?
  private(set) var bytesToday: Int
  private var day: Int64

  /// The part of the day's bytes after which a lane rests. Alarms have no such part; the last tenth is theirs alone.
  private static let parts: [(lane: Lane, part: Double)] = [(.sample, 0.6), (.evidence, 0.7), (.trend, 0.8), (.event, 0.9)]

  /// - Parameter bytesToday: sent on the day of `now` before a restart.
  init(bytesPerDay: Int?, bytesToday: Int = 0, at now: UnixTime) {
    self.bytesPerDay = bytesPerDay
    self.bytesToday = bytesToday
    day = Self.day(of: now)
  }

  mutating func spend(_ bytes: Int, at now: UnixTime) {
    turn(to: now)
    bytesToday += bytes
  }

  /// What may not be sent any more today: first sample, then evidence, trend and event.
  mutating func resting(at now: UnixTime) -> Set<Lane> {
    turn(to: now)
    guard let bytesPerDay else { return [] }
    return Set(Self.parts.filter { Double(bytesToday) >= Double(bytesPerDay) * $0.part }.map(\.lane))
  }

  /// A clock that was set back does not make the day begin again.
  private mutating func turn(to now: UnixTime) {
    guard Self.day(of: now) > day else { return }
    (day, bytesToday) = (Self.day(of: now), 0)
  }

  private static func day(of time: UnixTime) -> Int64 { time.nanoseconds / 86_400_000_000_000 }
}
