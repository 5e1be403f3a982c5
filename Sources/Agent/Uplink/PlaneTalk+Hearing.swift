import Contracts
import Logging
import MQTT
import Signal
import Store

/// What the broker and the plane say becomes news for the conversation.
extension PlaneTalk {
  mutating func take(_ notice: SessionNotice) {
    switch notice {
    case .connected:
      conversation?.disconnected()
      // Perhaps by another way than before.
      pace = LinkPace()
      connectedAt = .now()
      publish(status(.online), on: settings.topics.status, retain: true)
    case .disconnected(let reason):
      conversation?.disconnected()
      log.warning("Lost the plane's broker", metadata: ["reason": "\(reason)"])
    case .subscriptionRefused(let topic, let code):
      log.error("The plane's broker refused a subscription", metadata: ["topic": "\(topic)", "code": "\(code)"])
    }
  }

  /// What cannot be read, or not be compared with the store, is as good as not received.
  mutating func hear(_ message: Message) {
    do {
      switch message.topic {
      case PlaneTopics.planeStatus: conversation?.take(try PlaneStatus.decode(message.payload))
      case settings.topics.welcome: try take(try Welcome.decode(message.payload))
      case settings.topics.ack: try take(try Ack.decode(message.payload))
      case settings.topics.ask: try take(try PlaneQuestion.decode(message.payload))
      case settings.topics.nack: conversation?.take(try Nack.decode(message.payload))
      default: try hearUpdate(message)
      }
    } catch {
      log.warning("A message from the plane was not taken", metadata: ["topic": "\(message.topic)", "reason": "\(error)"])
    }
  }

  /// Where the plane stands within a gap of ours its own word counts: what it is missing there goes as that gap.
  mutating func take(_ welcome: Welcome) throws {
    let (ours, reader) = (ours, store.reader)
    try conversation?.take(welcome) { lane, number in
      if let kept = try ours(lane, number) { return kept }
      return try reader.isGivenUp(number, of: lane) ? welcome.lanes[lane.rawValue]?.hash : nil
    }
  }

  /// What it asks for is committed to its lanes, and goes as everything there does: in its turn, inside the day's bytes.
  mutating func take(_ question: PlaneQuestion) throws {
    guard questions.admit(question.id, at: MonotonicClock.preciseSeconds()) else { return }
    do {
      guard var answer = try store.reader.answer(question, at: .now()) else { return }
      if question.what == .waveform {
        let isKept = question.point.flatMap(PointID.init(words:)).map(settings.keepWaveform) ?? false
        answer.report.outcome = isKept ? .sent : .unknown
      }
      var change = Change()
      change.answers = [answer]
      try store.commit(change)
      log.info(
        "The plane asked", metadata: ["what": "\(question.what.rawValue)", "outcome": "\(answer.report.outcome.rawValue)"])
    } catch {
      questions.forget(question.id)
      throw error
    }
  }

  mutating func take(_ ack: Ack) throws {
    let ours = ours
    guard try conversation?.take(ack, ours: ours) == true else { return }
    pace.acknowledged(ack.lane, through: ack.through, now: MonotonicClock.preciseSeconds())
  }

  /// Our chain at a number of a lane.
  var ours: (Lane, UInt64) throws -> ChainHash? {
    { [reader = store.reader] lane, number in try reader.hash(of: lane, at: number) }
  }
}
