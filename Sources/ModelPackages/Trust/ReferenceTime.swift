import Signal

/// The time that expiry is judged against: the clock's, but never before what we have signed proof of. A clock of 1970 makes nothing
/// fresh, and a clock that once ran ahead leaves no trace.
package struct ReferenceTime: Sendable, Equatable {
  /// `nil` when the gateway has no clock it would believe.
  package let clock: UnixTime?
  /// The build's time, or when the last timestamp was signed.
  package private(set) var floor: UnixTime

  package init(clock: UnixTime?, floor: UnixTime) {
    self.clock = clock
    self.floor = floor
  }

  package var now: UnixTime { max(clock ?? floor, floor) }

  /// Whether what is not expired at `now` may be expired in truth: then nothing new should be activated.
  package var isUncertain: Bool { clock.map { $0 < floor } ?? true }

  mutating func raiseFloor(to time: UnixTime?) {
    if let time { floor = max(floor, time) }
  }
}
