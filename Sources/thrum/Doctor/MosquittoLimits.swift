/// What mosquitto on this machine keeps for a gateway that is away, as its configuration says (mosquitto.conf(5)).
struct MosquittoLimits {
  let file: String
  /// 0: no limit.
  private(set) var maxQueuedMessages = 1000
  private(set) var isPersistent = false
  /// Where it listens; 1883 when it does not say.
  private var listeners: [Int] = []

  /// `nil` when there is none to read, or it is another broker's.
  static func ofThisMachine(_ system: SystemFiles, port: Int) -> Self? {
    guard let limits = Self(reading: "/etc/mosquitto/mosquitto.conf", in: system) else { return nil }
    return (limits.listeners.isEmpty ? [1883] : limits.listeners).contains(port) ? limits : nil
  }

  init?(reading file: String, in system: SystemFiles) {
    guard let text = system.text(file) else { return nil }
    self.file = file
    read(text, system)
  }

  private mutating func read(_ text: String, _ system: SystemFiles) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2 else { continue }
      switch words[0] {
      case "max_queued_messages": maxQueuedMessages = Int(words[1]) ?? maxQueuedMessages
      case "listener", "port": listeners.append(Int(words[1]) ?? 0)
      case "persistence": isPersistent = words[1] == "true"
      case "include_dir":
        for path in system.list(String(words[1])) where path.hasSuffix(".conf") {
          if let more = system.text(path) { read(more, system) }
        }
      default: continue
      }
    }
  }
}
