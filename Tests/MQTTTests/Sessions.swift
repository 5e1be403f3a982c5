import MQTT
import TestSupport

/// Plant and plane sessions as the tests want them.
func plant(
  _ url: String, clientID: String = "plant", topics: [String] = ["t/#"], version: VersionPreference = .auto,
  keepaliveSeconds: Int = 60,
  _ edit: (inout MQTTSession.Options) -> Void = { _ in }
) throws -> MQTTSession {
  let endpoint = try MQTTEndpoint(url: url, protocolVersion: version, keepaliveSeconds: keepaliveSeconds)
  var options = MQTTSession.Options(clientID: clientID, kind: .plant, subscriptions: topics.map { .init($0) })
  edit(&options)
  return MQTTSession(endpoint, options)
}

extension MQTTSession {
  /// Reads, acknowledging each batch, until `condition` holds for all that was read; gives up after ten seconds.
  func readAll(within seconds: Double = 10, waitSeconds: Double = 0.2, until condition: (Taken) -> Bool) -> Taken {
    var taken = Taken()
    eventually(within: seconds) {
      let batch = read(waitSeconds: waitSeconds)
      taken += batch
      acknowledge(batch)
      return condition(taken)
    }
    return taken
  }

  /// Reads until connected and subscribed.
  func connect() -> Taken { readAll { !$0.notices.isEmpty } }
}

/// What several batches held.
struct Taken {
  var messages: [Message] = []
  var notices: [SessionNotice] = []
  /// Batches that held messages.
  var batches = 0

  static func += (taken: inout Taken, batch: Batch) {
    taken.messages += batch.messages
    taken.notices += batch.notices
    if !batch.messages.isEmpty { taken.batches += 1 }
  }
}

func text(_ message: Message) -> String { String(decoding: message.payload, as: UTF8.self) }
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
