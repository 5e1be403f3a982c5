import Contracts
import Signal
import Testing

@testable import Agent

/// What an update hears where its link goes.
@Suite struct UpdateExchangeTests {
  private static let request = ChunkRequest(path: "metadata/timestamp.json", offset: 0, length: 1024)

  /// - Returns: what it heard, and whether it had to be told to stop waiting.
  private func wait(_ exchange: UpdateExchange, _ id: String) -> (UpdateExchange.Answer, isStopped: Bool) {
    let end = MonotonicClock.preciseSeconds() + 20
    var isStopped = false
    let answer = exchange.wait(for: id) {
      isStopped = MonotonicClock.preciseSeconds() > end
      return isStopped
    }
    return (answer, isStopped)
  }

  @Test("without a plane, or with the day's bytes short, a question is given up", arguments: [false, true])
  func lost(isPlaneThere: Bool) {
    let exchange = UpdateExchange(answerSeconds: 0.1)
    exchange.link(isPlaneThere: true, isBudgetShort: false)
    let id = exchange.ask(Self.request)
    exchange.link(isPlaneThere: isPlaneThere, isBudgetShort: true)
    #expect(wait(exchange, id) == (.silence, false))
    #expect(exchange.outgoing(now: 0).isEmpty, "and forgotten")
  }

  @Test("one that was sent before the link went is given up too")
  func sent() {
    let exchange = UpdateExchange(answerSeconds: 0.1)
    exchange.link(isPlaneThere: true, isBudgetShort: false)
    let id = exchange.ask(Self.request)
    for outgoing in exchange.outgoing(now: 0) { exchange.sent(outgoing, now: 0) }
    exchange.link(isPlaneThere: false, isBudgetShort: false)
    #expect(wait(exchange, id) == (.silence, false))
  }

  @Test("an answer that came before the link went is heard")
  func answered() {
    let exchange = UpdateExchange(answerSeconds: 0)
    exchange.link(isPlaneThere: true, isBudgetShort: false)
    let id = exchange.ask(Self.request)
    let response = ChunkResponse(
      ChunkHeader(path: Self.request.path, sha256: "00", total: 2, offset: 0, status: .ok), bytes: [1, 2])
    #expect(exchange.take(response, id: id))
    exchange.link(isPlaneThere: false, isBudgetShort: false)
    #expect(wait(exchange, id) == (.chunk(response), false))
  }
}
