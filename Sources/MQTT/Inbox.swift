/// What libmosquitto's callbacks leave for the session: they only decode and append.
struct Inbox {
  struct Greeting {
    var code: Int
    var sessionPresent: Bool
    /// When the broker wants another keepalive than we offered.
    var keepaliveSeconds: Int?
  }

  var messages: [Message] = []
  var greeting: Greeting?
  var subscriptionAnswers: [(id: Int32, codes: [Int])] = []
  var publishAnswers: [(id: Int32, code: Int)] = []
  /// The first error libmosquitto logged.
  var problem: String?
  /// Why the connection is over.
  var end: String?
  /// Rises with every callback: something was read.
  var progress = 0
  /// DUP of the PUBLISH whose message callback comes next.
  private(set) var nextIsRedelivered = false

  /// libmosquitto tells DUP in its log only, `Client NAME received PUBLISH (d1, q1, r0, m7, …`, just before the message callback.
  /// A client name cannot fake it: the mark sought follows the name directly.
  mutating func read(logLine line: UnsafeRawBufferPointer, nameBytes: Int) {
    let mark = Self.publishMark
    let start = "Client ".utf8.count + nameBytes
    guard line.count >= start + mark.count + 5, line[start..<start + mark.count].elementsEqual(mark) else { return }
    nextIsRedelivered = line[start + mark.count] == UInt8(ascii: "1")
    // "0, q2"
    if line[start + mark.count + 4] == UInt8(ascii: "2") {
      end = "the broker sent a QoS 2 message, whose answer would have to leave before the commit; publish with QoS 0 or 1"
    }
  }

  private static let publishMark = Array(" received PUBLISH (d".utf8)

  mutating func takeSubscriptionAnswers() -> [(id: Int32, codes: [Int])] {
    defer { subscriptionAnswers = [] }
    return subscriptionAnswers
  }

  mutating func takePublishAnswers() -> [(id: Int32, code: Int)] {
    defer { publishAnswers = [] }
    return publishAnswers
  }
}
