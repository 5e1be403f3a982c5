import NIOCore
import NIOHTTP1
import Synchronization

/// Tells every open page that something has changed, once a second at most; what it was the page asks for itself. Who does not read
/// is not written to, and is let go of after a while.
package final class LiveNews: Sendable {
  private struct State {
    var readers: [ObjectIdentifier: Reader] = [:]
    var isDue = false
    var number = 0
    var loop: (any EventLoop)?
    var beat: RepeatedTask?
  }

  private struct Reader {
    let channel: any Channel
    var silentBeats = 0
    var beats = 0

    var afterBeat: Reader {
      Reader(channel: channel, silentBeats: channel.isWritable ? 0 : silentBeats + 1, beats: beats + 1)
    }
  }

  private let state = Mutex(State())
  private let count = Atomic<Int>(0)
  private let limit: Int

  package init(limit: Int = 16) { self.limit = limit }

  /// Something has changed; from any thread, and cheap where nobody looks.
  package func tell() {
    guard count.load(ordering: .relaxed) > 0 else { return }
    let loop: (any EventLoop)? = state.withLock { state in
      guard !state.isDue, let loop = state.loop else { return nil }
      state.isDue = true
      return loop
    }
    loop?.scheduleTask(in: .seconds(1)) { [self] in flush() }
  }

  /// - Returns: false where too many listen already.
  func add(_ channel: any Channel) -> Bool {
    let isAdded = state.withLock { state in
      guard state.readers.count < limit else { return false }
      state.readers[ObjectIdentifier(channel)] = Reader(channel: channel)
      count.store(state.readers.count, ordering: .relaxed)
      if state.loop == nil {
        state.loop = channel.eventLoop
        state.beat = channel.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(15), delay: .seconds(15)) { [weak self] _ in
          self?.beat()
        }
      }
      return true
    }
    guard isAdded else { return false }
    channel.closeFuture.whenComplete { [weak self] _ in self?.remove(channel) }
    write("retry: 2000\nevent: change\ndata: 0\n\n", to: [channel])
    return true
  }

  private func remove(_ channel: any Channel) {
    state.withLock { state in
      state.readers[ObjectIdentifier(channel)] = nil
      count.store(state.readers.count, ordering: .relaxed)
    }
  }

  private func flush() {
    let (number, channels) = state.withLock { state in
      state.isDue = false
      state.number += 1
      return (state.number, state.readers.values.map(\.channel).filter(\.isWritable))
    }
    write("event: change\ndata: \(number)\n\n", to: channels)
  }

  /// Shows proxies and browsers that the line is alive. After an hour a page must ask, and show its session, anew.
  private func beat() {
    let (alive, done) = state.withLock { state in
      state.readers = state.readers.mapValues { $0.afterBeat }
      let all = state.readers.values
      let done = all.filter { $0.silentBeats > 2 || $0.beats > 240 }.map(\.channel)
      return (all.map(\.channel).filter(\.isWritable), done)
    }
    write(": \n\n", to: alive)
    for channel in done { channel.close(promise: nil) }
  }

  private func write(_ text: String, to channels: [any Channel]) {
    for channel in channels {
      channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))), promise: nil)
    }
  }
}
