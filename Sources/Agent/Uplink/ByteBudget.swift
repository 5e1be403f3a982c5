import Contracts
import Signal
import Store

/// What may be sent to the plane in a UTC day. When it runs short the lanes stop one after the other; alarms always go.
struct ByteBudget: Equatable {
  /// `nil`: no limit.
  let bytesPerDay: Int?
  private(set) var bytesToday: Int
  /// Days since 1970-01-01 UTC.
  private(set) var day: Int64

  /// The part of the day's bytes after which a lane rests. Alarms have no such part; the last tenth is theirs alone.
  private static let parts: [(lane: Lane, part: Double)] = [(.sample, 0.6), (.evidence, 0.7), (.trend, 0.8), (.event, 0.9)]

  /// - Parameter spent: what was sent before a restart, and on which day.
  init(bytesPerDay: Int?, _ spent: DaemonState.Link? = nil, at now: UnixTime) {
    self.bytesPerDay = bytesPerDay
    let today = Self.day(of: now)
    (day, bytesToday) = spent?.day.map { ($0, spent?.bytesToday ?? 0) } ?? (today, 0)
    turn(to: now)
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

  /// A clock that was set back does not make the day begin again; the day after the one that it shows then is a new one.
  private mutating func turn(to now: UnixTime) {
    let today = Self.day(of: now)
    if today > day { bytesToday = 0 }
    day = today
  }

  private static func day(of time: UnixTime) -> Int64 { time.nanoseconds / 86_400_000_000_000 }
}
