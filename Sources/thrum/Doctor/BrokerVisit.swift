import Configuration
import Contracts
import Glibc

extension BrokerVisit {
  /// Has the thrumd beside this program look at the plant's broker: with the code that will have to talk to it, and so
  /// that what only asks the store carries no MQTT and no TLS.
  ///
  /// - Parameter heard: points that have sent something before; where a source has none, its topics are listened for.
  /// - Returns: `nil` where no thrumd of this version stands beside this program.
  static func byDaemon(_ config: ThrumConfig, file: String, heard: [StatusReport.Point]) -> BrokerVisit? {
    guard let program = besideThis("thrumd") else { return nil }
    let listening = config.sources.contains { !$0.wasHeard(heard) }
    let line = [program, "--config", file, "--visit-broker"] + (listening ? ["--listen"] : [])
    return printed(by: line.map(quoted).joined(separator: " ")).flatMap { try? JSON.decode(BrokerVisit.self, from: $0.utf8) }
  }

  private static func besideThis(_ name: String) -> String? {
    guard let found = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(found) }
    let path = String(cString: found)
    return path.lastIndex(of: "/").map { path[...$0] + name }
  }

  /// A word as a shell takes it, whatever is in it.
  private static func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }
}

extension ThrumConfig.Source {
  /// Whether a point can be this source's, by its name.
  func wasHeard(_ points: [StatusReport.Point]) -> Bool {
    points.contains { (machine == nil || machine == $0.machine) && (point == nil || $0.point.hasPrefix(point ?? "")) }
  }

  /// Whether a topic is read by it.
  func reads(_ topic: String) -> Bool {
    let wanted = self.topic.split(separator: "/", omittingEmptySubsequences: false)
    let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
    if wanted.last == "#", levels.count >= wanted.count - 1 {
      return zip(wanted.dropLast(), levels).allSatisfy(Self.isLevel)
    }
    return wanted.count == levels.count && zip(wanted, levels).allSatisfy(Self.isLevel)
  }

  private static func isLevel(_ wanted: Substring, _ level: Substring) -> Bool {
    wanted == level || wanted == "+" || wanted.hasPrefix("{")
  }
}
