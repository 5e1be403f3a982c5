import Contracts

/// How much of what can wait may be on its way, so that an alarm never waits long behind it and the link is full all the same. The link's
/// rate and its bare round trip are measured by acknowledgements. Pure: the caller brings time, in seconds of a clock that never goes back.
///
/// A sample is what the plane took between the acknowledgement that was newest when a batch left and the batch's own, over the longer of
/// that time and the time it took to send (Cardwell et al., BBR, ACM Queue 14(5), 2016): how long a batch waits in a queue does not count
/// against the link, nor do acknowledgements that come in a bunch speak for it.
struct LinkPace: Equatable {
  private struct Flight: Equatable {
    var lane: Lane
    var last: UInt64
    var bytes: Int
    var sentAt: Double
    /// On its way when this one left, itself included.
    var queuedBytes: Int
    /// Where counting stood when this one left.
    var before: Mark
    /// Something had to wait then: what is measured is the link, not how little there was to send.
    var isLinkBusy: Bool
  }

  /// How much the plane had taken, when it said so, and when the last of that had left.
  private struct Mark: Equatable {
    var bytes = 0
    var at = 0.0
    var sentAt = 0.0
  }

  /// Until it is measured the link is taken for a thin one.
  private(set) var bytesPerSecond = 4096.0
  /// There and back with nothing in the way.
  private(set) var roundTripSeconds = 0.0
  private var hasRoundTrip = false
  private var flights: [Flight] = []
  private var taken = Mark()

  /// What can wait stands at most so long in the link's queue.
  private static let queueSeconds = 1.0
  /// With the round trip, which a far plane adds.
  private static let mostSeconds = 2.0
  private static let leastBytes = 4096
  /// A link that got faster is believed at once, one that got slower after some samples.
  private static let (rising, falling) = (0.5, 0.2)

  // MARK: what may go

  /// On its way of all lanes but the alarms', at most; a single item may be larger.
  var allowanceBytes: Int {
    max(Self.leastBytes, Int(min(bytesPerSecond * min(Self.queueSeconds + roundTripSeconds, Self.mostSeconds), 1e9)))
  }

  /// Of one batch that can wait, as it travels: two are on their way, so that the link is not idle while the first is answered.
  var batchBytes: Int { allowanceBytes / 2 }

  /// So much on its way that another batch would be too much.
  var isFullBytes: Int { allowanceBytes * 5 / 8 }

  /// More of any lane, alarms too, could not be answered before it is sent again.
  var mostBytes: Int { 4 * allowanceBytes }

  // MARK: what is measured

  mutating func sent(_ lane: Lane, _ numbers: ClosedRange<UInt64>, bytes: Int, now: Double) {
    // What goes again counts once.
    flights.removeAll { $0.lane == lane && $0.last >= numbers.lowerBound }
    if flights.isEmpty { taken = Mark(bytes: taken.bytes, at: now, sentAt: now) }
    let queued = flights.reduce(bytes) { $0 + $1.bytes }
    flights.append(
      Flight(
        lane: lane, last: numbers.upperBound, bytes: bytes, sentAt: now, queuedBytes: queued, before: taken,
        isLinkBusy: queued > allowanceBytes / 2))
  }

  /// The plane has the lane through `number`.
  mutating func acknowledged(_ lane: Lane, through number: UInt64, now: Double) {
    let done = flights.filter { $0.lane == lane && $0.last <= number }
    guard let newest = done.last else { return }
    flights.removeAll { $0.lane == lane && $0.last <= number }
    taken = Mark(bytes: taken.bytes + done.reduce(0) { $0 + $1.bytes }, at: now, sentAt: newest.sentAt)
    let seconds = max(now - newest.before.at, newest.sentAt - newest.before.sentAt, 0.001)
    observe(Double(taken.bytes - newest.before.bytes) / seconds, isLinkBusy: newest.isLinkBusy)
    observe(roundTrip: now - newest.sentAt - Double(newest.queuedBytes) / bytesPerSecond)
  }

  /// What is on its way is not waited for: it is sent again, or the plane is asked where it stands.
  mutating func forget() { flights = [] }

  private mutating func observe(_ sample: Double, isLinkBusy: Bool) {
    if sample > bytesPerSecond {
      bytesPerSecond += Self.rising * (sample - bytesPerSecond)
    } else if isLinkBusy {
      bytesPerSecond += Self.falling * (sample - bytesPerSecond)
    }
  }

  /// The least that was seen; what is longer is believed slowly.
  private mutating func observe(roundTrip seconds: Double) {
    let seconds = max(0, seconds)
    roundTripSeconds = hasRoundTrip ? min(seconds, roundTripSeconds + 0.1 * (seconds - roundTripSeconds)) : seconds
    hasRoundTrip = true
  }
}
