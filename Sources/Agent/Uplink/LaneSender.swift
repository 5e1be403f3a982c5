/// One lane as the gateway sends it: what goes next, given what the plane said. Pure: the caller brings time, in seconds.
struct LaneSender: Equatable {
  /// What is to be sent: from `first` on, and only to `last` where the same batch goes again.
  struct Range: Equatable {
    var first: UInt64
    var last: UInt64?
  }

  /// What the plane's word means beyond this lane.
  enum Consequence: Equatable {
    case none
    /// Ask the plane where it stands.
    case hello
    /// The plane follows another log than ours.
    case renewEpoch
  }

  private struct Flight: Equatable {
    var first: UInt64
    var last: UInt64
    var bytes: Int
    var deadline: Double
  }

  /// The plane has the lane up to here, as far as it told us since `welcome`.
  private(set) var through: UInt64 = 0
  /// Closed until the plane's welcome: nothing is sent before it.
  private(set) var isOpen = false
  private var sentThrough: UInt64 = 0
  /// Sent and unanswered, in order.
  private var flights: [Flight] = []
  /// To be sent once more, exactly as before, in order.
  private var repeats: [Flight] = []
  private var window = 1
  /// After a refusal one batch at a time goes, so that a refusal tells which one is meant.
  private var isCautious = false
  private var lastRefused: UInt64?
  private var silences = 0
  /// How often the plane refused, since it last took something, what its own welcome had asked for.
  private var doubts = 0

  var bytesInFlight: Int { flights.reduce(0) { $0 + $1.bytes } }

  // MARK: what goes

  /// - Parameter last: the newest event of the lane.
  func next(last: UInt64) -> Range? {
    guard isOpen, flights.count < (isCautious ? 1 : window) else { return nil }
    if let flight = repeats.first { return Range(first: flight.first, last: flight.last) }
    return sentThrough < last ? Range(first: sentThrough + 1) : nil
  }

  mutating func sent(_ numbers: ClosedRange<UInt64>, bytes: Int, deadline: Double) {
    if repeats.first?.first == numbers.lowerBound { repeats.removeFirst() }
    // A gap may have grown over several.
    repeats.removeAll { numbers.contains($0.first) && numbers.contains($0.last) }
    flights.append(Flight(first: numbers.lowerBound, last: numbers.upperBound, bytes: bytes, deadline: deadline))
    sentThrough = max(sentThrough, numbers.upperBound)
  }

  // MARK: what the plane says

  mutating func close() {
    (isOpen, flights, repeats, lastRefused) = (false, [], [], nil)
  }

  /// - Parameter isOurs: the plane's hash is ours at that number.
  mutating func welcome(through position: UInt64, isOurs: Bool, window: Int) -> Consequence {
    close()
    guard isOurs else { return .renewEpoch }
    (through, sentThrough, silences, isOpen) = (position, position, 0, true)
    self.window = window
    return .none
  }

  /// - Returns: whether it tells anything new: within what was sent since the welcome, and ours.
  mutating func acknowledge(through position: UInt64, isOurs: Bool) -> Bool {
    guard isOpen, isOurs, position > through, position <= sentThrough else { return false }
    through = position
    flights.removeAll { $0.last <= position }
    repeats.removeAll { $0.last <= position }
    (isCautious, lastRefused, silences, doubts) = (false, nil, 0, 0)
    return true
  }

  /// The plane did not take a batch. It is sent again from the number it expects; when that does not help the plane is asked where
  /// it stands, and when it refuses even what its welcome asked for, it follows another log than ours.
  mutating func refuse(expected: UInt64) -> Consequence {
    guard isOpen, expected >= 1, let newest = flights.last else { return .none }
    guard expected <= newest.first, expected != lastRefused else { return doubt() }
    flights.removeAll { $0.last >= expected }
    repeats.removeAll()
    sentThrough = expected - 1
    through = min(through, sentThrough)
    (isCautious, lastRefused) = (true, expected)
    return .none
  }

  /// Silence: the same batches go once more; after a second silence the plane is asked where it stands.
  mutating func checkDeadlines(now: Double) -> Consequence {
    guard let oldest = flights.first, oldest.deadline <= now else { return .none }
    repeats = flights + repeats
    flights = []
    silences += 1
    guard silences < 2 else {
      close()
      return .hello
    }
    return .none
  }

  private mutating func doubt() -> Consequence {
    close()
    isCautious = true
    doubts += 1
    return doubts < 2 ? .hello : .renewEpoch
  }
}
