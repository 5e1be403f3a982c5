import Contracts
import Synchronization

/// Between the thread that updates models, which asks and waits, and the uplink's thread, which has the connection: questions go one way,
/// answers to them the other, at most four at a time. Anything that answers no question of ours is dropped.
package final class UpdateExchange: Sendable {
  /// What an update hears while it waits.
  enum Answer: Sendable, Equatable {
    case chunk(ChunkResponse)
    /// No answer within the time given: no plane, no bytes left to ask with, or a link that loses too much.
    case silence
  }

  private struct Question {
    var request: ChunkRequest
    /// Seconds of a clock that never goes back; then it is asked once more.
    var deadline = 0.0
    var isSent = false
    var attempts = 0
    var answer: ChunkResponse?
  }

  private struct State {
    var questions: [String: Question] = [:]
    var isPlaneThere = false
    var isBudgetShort = false
    /// How often the plane, or a new connection, gave reason to look.
    var calls = 0
    var report: [UInt8]?
    var isReportSent = true
    var fetchedBytes = 0
  }

  private let state = Mutex(State())
  private let wakeUplink = Mutex<@Sendable () -> Void>({})
  private let changed = Condition()

  /// How long one question may go unanswered before it is asked again, give or take a tenth.
  private let answerSeconds: Double
  private static let attempts = 4

  package init(answerSeconds: Double = 30) { self.answerSeconds = answerSeconds }

  // MARK: the updating thread

  /// Asks; the answer comes by `wait`.
  func ask(_ request: ChunkRequest) -> String {
    let id = Nonce.random().hex
    state.withLock { $0.questions[id] = Question(request: request) }
    wakeUplink.withLock { $0() }
    return id
  }

  /// Waits for the answer to a question, then forgets it. Without a plane, or with the day's bytes short, no longer than for an answer:
  /// others wait for the updating thread, and what has come of a file is kept.
  func wait(for id: String, isStopped: () -> Bool) -> Answer {
    defer { forget([id]) }
    var awaySince: Double?
    while !isStopped() {
      let now = MonotonicClock.preciseSeconds()
      awaySince = occasion.canAsk ? nil : awaySince ?? now
      let end = awaySince.map { $0 + answerSeconds }
      let (outcome, deadline) = look(for: id, now: now, until: end)
      if let outcome { return outcome }
      // The uplink asks once more in a moment; nobody tells when it has.
      changed.wait(seconds: deadline > now ? min(0.5, deadline - now) : 0.02)
    }
    return .silence
  }

  /// - Parameter end: when to give up whatever was asked; `nil`: a plane is there to be asked.
  /// - Returns: what came, and when to look again.
  private func look(for id: String, now: Double, until end: Double?) -> (Answer?, deadline: Double) {
    state.withLock { state in
      guard let question = state.questions[id] else { return (.silence, now) }
      if let answer = question.answer { return (.chunk(answer), now) }
      if let end { return (end <= now ? .silence : nil, end) }
      let isGivenUp = question.attempts >= Self.attempts && question.deadline <= now
      return (isGivenUp ? .silence : nil, question.deadline)
    }
  }

  func forget(_ ids: [String]) { state.withLock { state in for id in ids { state.questions[id] = nil } } }

  /// What is to be told, retained; replaces what was not told yet.
  package func report(_ bytes: [UInt8]) {
    let isNew = state.withLock { state in
      guard state.report != bytes else { return false }
      (state.report, state.isReportSent) = (bytes, false)
      return true
    }
    if isNew { wakeUplink.withLock { $0() } }
  }

  /// Rises with every reason to look; with it whether asking makes sense now.
  var occasion: (calls: Int, canAsk: Bool) { state.withLock { ($0.calls, $0.isPlaneThere && !$0.isBudgetShort) } }

  /// Sleeps until something happened, at most so long.
  func rest(seconds: Double) { changed.wait(seconds: seconds) }

  package func stop() { changed.signal() }

  // MARK: the uplink's thread

  package func attach(wake: @escaping @Sendable () -> Void) { wakeUplink.withLock { $0 = wake } }

  /// A new connection, or none: everything is asked once more, and told once more.
  package func link(isPlaneThere: Bool, isBudgetShort: Bool) {
    let isNews = state.withLock { state in
      let isNews = isPlaneThere && !state.isPlaneThere
      if isNews {
        state.calls += 1
        state.isReportSent = state.report == nil
        for id in Array(state.questions.keys) { state.questions[id]?.isSent = false }
      }
      (state.isPlaneThere, state.isBudgetShort) = (isPlaneThere, isBudgetShort)
      return isNews
    }
    if isNews { changed.signal() }
  }

  /// `down/desired`: look.
  package func call() {
    state.withLock { $0.calls += 1 }
    changed.signal()
  }

  /// - Returns: false when nobody asked for it.
  @discardableResult
  package func take(_ response: ChunkResponse, id: String) -> Bool {
    let isOurs = state.withLock { state in
      guard let question = state.questions[id], question.answer == nil, Self.answers(response, question.request) else {
        return false
      }
      state.questions[id]?.answer = response
      state.fetchedBytes += response.bytes.count
      return true
    }
    if isOurs { changed.signal() }
    return isOurs
  }

  private static func answers(_ response: ChunkResponse, _ request: ChunkRequest) -> Bool {
    let header = response.header
    guard header.path == request.path, response.bytes.count <= request.length else { return false }
    guard header.status == .ok else { return response.bytes.isEmpty }
    return header.offset == request.offset && (request.sha256 == nil || header.sha256 == request.sha256)
  }

  /// What is to be published now: questions, and the report.
  enum Outgoing: Equatable {
    case request(id: String, ChunkRequest)
    case report([UInt8])
  }

  func outgoing(now: Double) -> [Outgoing] {
    state.withLock { state in
      guard state.isPlaneThere else { return [] }
      var out: [Outgoing] = []
      if !state.isReportSent, let report = state.report { out.append(.report(report)) }
      guard !state.isBudgetShort else { return out }
      for (id, question) in state.questions where question.answer == nil && question.attempts < Self.attempts {
        if !question.isSent || question.deadline <= now { out.append(.request(id: id, question.request)) }
      }
      return out
    }
  }

  func sent(_ outgoing: Outgoing, now: Double) {
    state.withLock { state in
      switch outgoing {
      case .report: state.isReportSent = true
      case .request(let id, _):
        state.questions[id]?.isSent = true
        state.questions[id]?.attempts += 1
        state.questions[id]?.deadline = now + answerSeconds * Double.random(in: 0.9...1.1)
      }
    }
  }
}
