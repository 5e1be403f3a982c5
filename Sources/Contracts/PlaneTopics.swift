/// The topics of one gateway (docs/PROTOCOL "Topics"): `thrum/v1/<fleet>/<gateway>/up/…` and `…/down/…`.
package struct PlaneTopics: Sendable, Hashable {
  package let fleet: String
  package let gateway: String

  /// `nil` when a name is not 1 to 63 of `a-z`, `0-9`, `-`: anything else could mean more than one topic, or none.
  package init?(fleet: String, gateway: String) {
    guard Self.isName(fleet), Self.isName(gateway) else { return nil }
    self.fleet = fleet
    self.gateway = gateway
  }

  package var hello: String { up("hello") }
  package var status: String { up("status") }
  package func batch(_ lane: Lane) -> String { up(lane.rawValue) }

  /// Retained: which models run, and why others do not.
  package var reported: String { up("reported") }
  package func request(_ id: String) -> String { up("request/\(id)") }

  package var allUp: String { up("#") }
  package var allDown: String { down("#") }
  /// Retained: look whether there is news.
  package var desired: String { down("desired") }
  package func response(_ id: String) -> String { down("response/\(id)") }
  package var welcome: String { down("welcome") }
  package var ack: String { down("ack") }
  package var nack: String { down("nack") }
  package var ask: String { down("ask") }

  /// Retained: whether a plane is there at all.
  package static let planeStatus = "thrum/v1/plane/status"
  /// Everything gateways say.
  package static let everyUp = "thrum/v1/+/+/up/#"

  package static func isName(_ text: String) -> Bool {
    (1...63).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || byte == UInt8(ascii: "-")
      }
  }

  private func up(_ name: String) -> String { "thrum/v1/\(fleet)/\(gateway)/up/\(name)" }
  private func down(_ name: String) -> String { "thrum/v1/\(fleet)/\(gateway)/down/\(name)" }
}

/// What a gateway's topic says about its message.
package struct UpTopic: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case hello, status, reported
    case batch(Lane)
    /// With the question's id.
    case request(String)
  }

  package let gateway: PlaneTopics
  package let kind: Kind

  /// `nil` for any topic that is not a gateway's, or not of this version.
  package init?(_ topic: String) {
    let levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard levels.count >= 6, levels[0] == "thrum", levels[1] == "v1", levels[4] == "up",
      let gateway = PlaneTopics(fleet: levels[2], gateway: levels[3]), let kind = Self.kind(Array(levels[5...]))
    else { return nil }
    self.gateway = gateway
    self.kind = kind
  }

  private static func kind(_ names: [String]) -> Kind? {
    if names.count == 2, names[0] == "request", PlaneTopics.isName(names[1]) { return .request(names[1]) }
    guard names.count == 1 else { return nil }
    switch names[0] {
    case "hello": return .hello
    case "status": return .status
    case "reported": return .reported
    default: return Lane(rawValue: names[0]).map { .batch($0) }
    }
  }
}
