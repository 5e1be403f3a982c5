import Glibc
import Logging

/// One line a message on standard error: a fixed sentence, then `key=value`. Under systemd each line begins with its
/// priority (`<4>`), which the journal reads (sd-daemon(3)).
package struct JournalLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level = .info
  private let underSystemd = getenv("JOURNAL_STREAM") != nil

  package init() {}

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let pairs = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
      .map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
    let prefix = underSystemd ? "<\(Self.priority(event.level))>" : "\(event.level): "
    let line = Array("\(prefix)\(event.message)\(pairs)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }

  /// syslog(3) priorities.
  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// What came from outside may hold anything: control characters never reach a terminal.
  private static func quoted(_ text: String) -> String {
    let clean = String(text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "?" : Character($0) })
    return clean.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) ? "\"\(clean.replacing("\"", with: "'"))\"" : clean
  }
}
