import NIOCore
import Synchronization

/// The open connections, bounded: when there are too many, the one that has said nothing usable for longest makes room, of the visitor who
/// has most of them, so that whoever floods the listener does not shut others out.
final class Connections: Sendable {
  private struct Entry {
    let channel: any Channel
    let visitor: Visitor
    var isAtWork = false
  }

  private let limit: Int
  private let limitOfOne: Int
  /// In order of arrival.
  private let entries = Mutex<[Entry]>([])

  /// - Parameter ofOne: how many may be of one address of a network.
  init(limit: Int, ofOne limitOfOne: Int = .max) { (self.limit, self.limitOfOne) = (limit, limitOfOne) }

  /// - Returns: the connection to be closed for this one; `channel` itself when its visitor has his share, or all others are at work.
  func add(_ channel: any Channel, of visitor: Visitor = .local) -> (any Channel)? {
    entries.withLock { entries in
      if !visitor.isLocal, entries.count(where: { $0.visitor == visitor }) >= limitOfOne { return channel }
      let entry = Entry(channel: channel, visitor: visitor)
      guard entries.count >= limit else {
        entries.append(entry)
        return nil
      }
      guard let idle = Self.mostDispensable(entries) else { return channel }
      defer { entries.append(entry) }
      return entries.remove(at: idle).channel
    }
  }

  private static func mostDispensable(_ entries: [Entry]) -> Int? {
    let counts = Dictionary(grouping: entries, by: \.visitor).mapValues(\.count)
    func count(_ index: Int) -> Int { counts[entries[index].visitor] ?? 0 }
    // Of equals the first, which is the oldest.
    return entries.indices.filter { !entries[$0].isAtWork }.max { count($0) < count($1) }
  }

  /// A whole call was read; the connection stays until it is answered.
  func isAtWork(_ channel: any Channel) {
    entries.withLock { entries in
      for index in entries.indices where entries[index].channel === channel { entries[index].isAtWork = true }
    }
  }

  func remove(_ channel: any Channel) { entries.withLock { $0.removeAll { $0.channel === channel } } }

  var isEmpty: Bool { entries.withLock(\.isEmpty) }

  /// Closes those that wait for nothing, or all.
  func close(andThoseAtWork: Bool) {
    let closing = entries.withLock { $0.filter { andThoseAtWork || !$0.isAtWork }.map(\.channel) }
    for channel in closing { channel.close(promise: nil) }
  }
}
