import Anomaly

extension ThrumConfig {
  /// `[[notify]]`: who is told of alarms, and how.
  package struct Notify: Sendable, Equatable {
    package enum Way: Sendable, Equatable {
      /// Program and arguments; the notice is on its standard input.
      case command([String])
      case webhook(WebhookURL)
      /// Of the plant's broker; `{machine}` stands for the machine.
      case topic(String)
    }

    package var name: String
    package var way: Way
    /// Below it nobody is told.
    package var priority: Alarm.Priority
    package var maxPerHour: Int

    init(_ table: TableReader) {
      name = table.text("name", .label)
      let command = table.optionalTexts("command", .line, 1...32)
      let webhook = table.optionalText("webhook", WebhookURL.form).flatMap(WebhookURL.init)
      let topic = table.optionalText("topic", Self.topicForm)
      let ways = [command.map { Way.command($0) }, webhook.map { .webhook($0) }, topic.map { .topic($0) }].compactMap { $0 }
      if ways.count != 1, ["command", "webhook", "topic"].count(where: table.has) != 1 {
        table.report("command", "expected one of command, webhook and topic")
      }
      way = ways.first ?? .command([])
      if case .command(let words) = way, let program = words.first, !program.hasPrefix("/") {
        table.report("command", "expected a program with its whole path, got \(program)")
      }
      priority = table.choice("priority", default: .warning)
      maxPerHour = table.integer("max_per_hour", 1...3600, default: 60)
      table.finish()
    }

    private static var topicForm: TextForm {
      TextForm(words: "an MQTT topic without + and #, where {machine} may fill a level; not below thrum/v1/ or $") { text in
        let levels = text.split(separator: "/", omittingEmptySubsequences: false)
        return (1...1024).contains(text.utf8.count) && !text.hasPrefix("$") && !text.hasPrefix("thrum/v1/")
          && !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
          && levels.allSatisfy { $0 == "{machine}" || !$0.contains { "+#{}".contains($0) } }
      }
    }
  }
}

/// `http://host:port/path`, without user name or fragment.
package struct WebhookURL: Sendable, Equatable, CustomStringConvertible {
  package let host: String
  package let port: Int
  package let path: String

  package var description: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path)" }

  static var form: TextForm {
    TextForm(words: "http://host:port/path without user name (for https name a command, as [\"/usr/bin/curl\", …])") {
      WebhookURL($0) != nil
    }
  }

  package init?(_ text: String) {
    let scheme = "http://"
    guard text.hasPrefix(scheme), (1...1024).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      return nil
    }
    let rest = text.dropFirst(scheme.count)
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    guard !rest[end...].hasPrefix("#"), !rest[end...].contains("#"), let broker = BrokerURL("mqtt://" + rest[..<end]) else {
      return nil
    }
    host = broker.host
    port = rest[..<end].hasSuffix(":\(broker.port)") ? broker.port : 80
    path = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
  }
}
