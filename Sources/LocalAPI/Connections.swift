import NIOCore
import Synchronization

/// The open connections, bounded: when there are too many, the one that has said nothing usable for longest makes room, so that whoever
/// floods the socket does not shut others out.
final class Connections: Sendable {
  private struct Entry {
    let channel: any Channel
    var isAtWork = false
  }

  private let limit: Int
  /// In order of arrival.
  private let entries = Mutex<[Entry]>([])

  init(limit: Int) { self.limit = limit }

  /// - Returns: the connection to be closed for this one; `channel` itself when all others are at work.
  func add(_ channel: any Channel) -> (any Channel)? {
    entries.withLock { entries in
      guard entries.count >= limit else {
        entries.append(Entry(channel: channel))
        return nil
      }
      guard let idle = entries.firstIndex(where: { !$0.isAtWork }) else { return channel }
      defer { entries.append(Entry(channel: channel)) }
      return entries.remove(at: idle).channel
    }
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
