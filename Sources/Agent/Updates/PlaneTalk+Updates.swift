import Contracts
import Logging
import MQTT
import ModelPackages
import Signal
import Store

/// The uplink carries updates' questions and answers, and signs what it sends.
extension PlaneTalk {
  /// Sends what updates ask, while a plane is there.
  mutating func exchangeUpdates() {
    guard let exchange = settings.updates else { return }
    var budget = budget
    exchange.link(
      isPlaneThere: session?.connection.isConnected == true && conversation?.isPlaneOnline == true,
      isBudgetShort: budget.resting(at: .now()).contains(.event))
    let now = MonotonicClock.preciseSeconds()
    for outgoing in exchange.outgoing(now: now) {
      let wasSent: Bool
      switch outgoing {
      case .request(let id, let request): wasSent = publish(request.encoded, on: settings.topics.request(id))
      case .report(let report): wasSent = tell(report)
      }
      guard wasSent else { return }
      exchange.sent(outgoing, now: now)
    }
  }

  /// What comes counts as what goes: the link is paid for either way.
  mutating func hearUpdate(_ message: Message) throws {
    guard let exchange = settings.updates else { return }
    if message.topic == settings.topics.desired {
      _ = try Desired.decode(message.payload)
      return exchange.call()
    }
    let answers = settings.topics.response("")
    guard message.topic.hasPrefix(answers) else { return }
    budget.spend(message.payload.count + message.topic.utf8.count, at: .now())
    exchange.take(try ChunkResponse(decoding: message.payload), id: String(message.topic.dropFirst(answers.count)))
  }

  private mutating func tell(_ report: [UInt8]) -> Bool {
    guard let numbering else { return false }
    reports += 1
    let stamp = ReportStamp(epoch: numbering.epoch, incarnation: store.incarnation, number: reports)
    guard let payload = signed(stamp.stamped(report)) else { return false }
    return publish(payload, on: settings.topics.reported, retain: true)
  }

  /// A batch, a hello or a report; `nil` when the key does not sign: unsigned it would be refused.
  func signed(_ payload: [UInt8]) -> [UInt8]? {
    guard let signature = settings.signature else { return payload }
    return signature.signed(payload)
  }
}

/// The gateway's enrolled key.
package struct BatchSigner: Sendable {
  private let key: SigningKey
  private let keyID: String

  package init(_ key: SigningKey) throws(TrustError) {
    guard let raw = key.key.object["keyval"]?["public"]?.text.flatMap({ ModelPackages.bytes(hex: $0) }) else {
      throw TrustError(.malformed, "read", key.key.name, "it has no public key")
    }
    self.key = key
    keyID = BatchSignature.keyID(raw)
  }

  package init(file path: String) throws(TrustError) { try self.init(try SigningKey(file: path)) }

  func signed(_ payload: [UInt8]) -> [UInt8]? { BatchSignature.signed(payload, keyID: keyID) { [key] in try? key.sign($0) } }
}
