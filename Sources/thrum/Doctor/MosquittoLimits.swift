import Configuration

/// What mosquitto on this machine keeps for a gateway that is away, as its configuration says (mosquitto.conf(5)).
struct MosquittoLimits {
  let file: String
  /// 0: no limit.
  private(set) var maxQueuedMessages = 1000
  private(set) var isPersistent = false

  /// `nil` when there is none to read.
  static var ofThisMachine: Self? { Self(reading: "/etc/mosquitto/mosquitto.conf") }

  init?(reading file: String) {
    guard let text = try? TextFile.read(file, maxBytes: 1 << 20) else { return nil }
    self.file = file
    read(text)
  }

  private mutating func read(_ text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2 else { continue }
      switch words[0] {
      case "max_queued_messages": maxQueuedMessages = Int(words[1]) ?? maxQueuedMessages
      case "persistence": isPersistent = words[1] == "true"
      case "include_dir":
        for path in (try? TextFile.list(String(words[1]), suffix: ".conf")) ?? [] {
          if let more = try? TextFile.read(path, maxBytes: 1 << 20) { read(more) }
        }
      default: continue
      }
    }
  }
}
