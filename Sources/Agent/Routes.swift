import Configuration
import Payloads
import Signal

/// Which source a topic belongs to, and which point it names: `plant/{machine}/{point}/vib`.
struct Routes: Sendable {
  private let routes: [Route]

  init(_ sources: [ThrumConfig.Source]) throws(RouteError) {
    var routes: [Route] = []
    for source in sources { routes.append(try Route(source)) }
    self.routes = routes
  }

  /// One subscription a source: named levels become `+`.
  var subscriptions: [(topic: String, qos: Int)] { routes.map { ($0.filter, $0.qos) } }

  /// The first source whose topic matches; `nil` when none does.
  func match(_ topic: String) -> Match? {
    let levels = topic.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for (index, route) in routes.enumerated() {
      if let names = route.names(in: levels) { return Match(source: index, points: names.ids) }
    }
    return nil
  }

  /// What a stored point is read from; `nil` where no source makes it, or several might.
  func only(making point: PointID) -> (source: ThrumConfig.Source, channel: PayloadFormat.Channel)? {
    let makers = routes.compactMap { route in route.channel(making: point).map { (route.source, $0) } }
    return makers.count == 1 ? makers[0] : nil
  }

  subscript(source index: Int) -> Route { routes[index] }

  struct Match {
    let source: Int
    /// One for each channel that is read; `nil`: the topic matches, but its names cannot be used (empty, too long, control
    /// characters).
    let points: [PointID]?
  }
}

struct RouteError: Error, CustomStringConvertible {
  let description: String
}

/// One `[[source]]`: where its messages come from and how they are read.
struct Route: Sendable {
  let source: ThrumConfig.Source
  let decoder: any PayloadDecoder
  let filter: String
  let qos: Int
  private let levels: [Level]
  /// Those that are read.
  let channels: [PayloadFormat.Channel]

  private enum Level: Sendable, Equatable {
    case exactly([UInt8])
    case machine, point, any, rest
  }

  fileprivate struct Names {
    let ids: [PointID]?
  }

  fileprivate init(_ source: ThrumConfig.Source) throws(RouteError) {
    self.source = source
    qos = source.qos
    channels = source.payloadFormat.allChannels.filter(\.isRead)
    let words = source.topic.split(separator: "/", omittingEmptySubsequences: false)
    filter = words.map { $0.hasPrefix("{") ? "+" : String($0) }.joined(separator: "/")
    levels = words.map { word in
      switch word {
      case "{machine}": .machine
      case "{point}": .point
      case "+": .any
      case "#": .rest
      default: word.hasPrefix("{") ? .any : .exactly(Array(word.utf8))
      }
    }
    do { decoder = try PayloadDecoders.decoder(for: source.payloadFormat) } catch {
      throw RouteError(description: "source \(source.topic): \(error)")
    }
  }

  /// `nil` when the topic is not this source's.
  fileprivate func names(in topic: [Substring.UTF8View.SubSequence]) -> Names? {
    var machine = source.machine
    var point = source.point
    for (index, level) in levels.enumerated() {
      if level == .rest { return Names(ids: valid(machine, point)) }
      guard index < topic.count else { return nil }
      switch level {
      case .exactly(let word): guard topic[index].elementsEqual(word) else { return nil }
      case .machine: machine = String(topic[index])
      case .point: point = String(topic[index])
      case .any, .rest: break
      }
    }
    return topic.count == levels.count ? Names(ids: valid(machine, point)) : nil
  }

  /// Names are 1 to 63 bytes of UTF-8 without control characters (PROTOCOL "Topics").
  private func valid(_ machine: String?, _ point: String?) -> [PointID]? {
    guard let machine, Self.isName(machine), point.map(Self.isName) ?? true else { return nil }
    let names = channels.compactMap { Self.join(point, $0.name) }
    guard names.count == channels.count, names.allSatisfy(Self.isName) else { return nil }
    return names.map { PointID(machine: machine, point: $0) }
  }

  /// The channel that may make this point; `nil` when none does.
  fileprivate func channel(making point: PointID) -> PayloadFormat.Channel? {
    guard source.machine.map({ $0 == point.machine }) ?? true else { return nil }
    return channels.first { channel in
      guard levels.contains(.point) else { return Self.join(source.point, channel.name) == point.point }
      return channel.name.map { point.point.hasSuffix("-\($0)") } ?? true
    }
  }

  /// `drive-end`, `x` or, of both, `drive-end-x`.
  private static func join(_ point: String?, _ channel: String?) -> String? {
    guard let point, let channel else { return point ?? channel }
    return "\(point)-\(channel)"
  }

  private static func isName(_ text: String) -> Bool {
    (1...63).contains(text.utf8.count) && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }
}
