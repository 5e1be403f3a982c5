import Configuration
import Logging
import MQTT
import Store

/// Who is told of alarms, as the daemon's services.
struct NotifyParts {
  private var boards: [TopicBoard] = []
  private var notifiers: [Notifier] = []

  init(_ config: ThrumConfig, broker: MQTTEndpoint, _ store: Store, stateFolder: String, health: Health, log: Logger) {
    let told = NotifyHealth(health)
    let (fleet, gateway) = (config.gateway.fleet, config.gateway.name)
    for settings in config.notify {
      let queue = NoticeQueue(store.reader, fleet: fleet, gateway: gateway, priority: settings.priority)
      func notifier(_ channel: any NoticeChannel) -> Notifier {
        Notifier(settings, channel, queue, stateFolder: stateFolder, health: told, log: log)
      }
      switch settings.way {
      case .command(let command): notifiers.append(notifier(CommandChannel(command: command)))
      case .webhook(let url): notifiers.append(notifier(WebhookChannel(url: url)))
      case .topic(let topic):
        boards.append(
          TopicBoard(
            settings, topic: topic, broker, fleet: fleet, gateway: gateway, reader: store.reader,
            health: told))
      }
    }
  }

  var services: [OwnThread] {
    boards.map { OwnThread(name: "notify", $0) } + notifiers.map { OwnThread(name: "notify", $0) }
  }

  /// Something was committed.
  func wake() {
    for board in boards { board.wake() }
    for notifier in notifiers { notifier.wake() }
  }
}
