import ArgumentParser
import ControlPlane
import Dispatch
import Glibc
import Logging
import MQTT
import Signal
import Terminal

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Follow the gateways of a broker until stopped.",
    discussion: """
      Everything is committed before it is answered. SIGINT and SIGTERM end it in good order.

      EXAMPLES
        thrum-plane serve --broker mqtt://127.0.0.1:1883 --db plane.db
        thrum-plane serve --broker mqtts://broker.example --db plane.db \\
          --username plane --password-file plane.password --ca-file ca.pem
      """)

  @Option(help: ArgumentHelp("Where the broker is: mqtt://host:1883 or mqtts://host:8883.", valueName: "URL"))
  var broker: String
  @OptionGroup var file: PlaneFile
  @OptionGroup var place: RepositoryOptions
  @Option(help: "Name for the broker.")
  var username: String?
  @Option(help: ArgumentHelp("File whose first line is the password.", valueName: "FILE"))
  var passwordFile: String?
  @Option(help: ArgumentHelp("Trusted certificates, PEM; the system's otherwise.", valueName: "FILE"))
  var caFile: String?
  @Option(help: ArgumentHelp("Our certificate, PEM.", valueName: "FILE"))
  var certFile: String?
  @Option(help: ArgumentHelp("Its key, PEM.", valueName: "FILE"))
  var keyFile: String?
  @Option(help: "Name of this plane's connection; one plane at a time uses it.")
  var clientID = "thrum-plane"
  @Flag(help: "Permit a password over an unencrypted link to another host.")
  var allowPlain = false

  func run() throws {
    let server = PlaneServer(
      endpoint: try endpoint(), database: file.path, repository: place.repository, clientID: clientID,
      log: Logger(label: "thrum-plane", factory: LineLog.init),
      clock: { .now })
    let signals = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { server.stop() }
      source.activate()
      return source
    }
    try withExtendedLifetime(signals) { try server.run() }
  }

  private func endpoint() throws -> MQTTEndpoint {
    do throws(MQTTError) {
      return try MQTTEndpoint(
        url: broker, username: username, password: try passwordFile.map(password), caFile: caFile, certFile: certFile,
        keyFile: keyFile, allowPlain: allowPlain)
    } catch { throw UsageError("\(error)") }
  }

  private func password(in path: String) throws(MQTTError) -> String {
    guard let file = fopen(path, "re") else {
      throw MQTTError("read", path, reason: String(cString: strerror(errno)), remedy: "check --password-file")
    }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 1024)
    guard fgets(&line, Int32(line.count), file) != nil else { throw MQTTError("read", path, reason: "it is empty") }
    return String(decoding: line.prefix { $0 != 0 && $0 != 10 && $0 != 13 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
