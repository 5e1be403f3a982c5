import Logging
import Terminal

/// One line a fact on standard error: a fixed sentence, then what it is about.
struct LineLog: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  init(label: String) {}

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let facts = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    let words = ["\(event.level)", "\(event.message)"] + facts.map { "\($0.key)=\($0.value)" }
    complain(words.joined(separator: " ").printable)
  }
}
