import MQTT
import TestSupport

/// A broker with TLS, passwords, and the rights of PROTOCOL "Topics": three lines for a gateway.
final class GuardedBroker {
  let broker: Broker
  private let certificates: TestCertificates

  init(_ folder: TemporaryFolder) throws {
    certificates = try TestCertificates()
    for (index, name) in ["gw-1", "plane"].enumerated() {
      try run(["mosquitto_passwd", "-b"] + (index == 0 ? ["-c"] : []) + [folder.path("passwords"), name, "secret of \(name)"])
    }
    try folder.write(
      """
      user gw-1
      topic write thrum/v1/demo/gw-1/up/#
      topic read thrum/v1/demo/gw-1/down/#
      topic read thrum/v1/plane/status
      user plane
      topic read thrum/v1/+/+/up/#
      topic write thrum/v1/+/+/down/#
      topic write thrum/v1/plane/status

      """, to: "rights")
    broker = try Broker(
      certificates.brokerLines + [
        "allow_anonymous false", "password_file \(folder.path("passwords"))", "acl_file \(folder.path("rights"))",
      ])
  }

  func endpoint(_ name: String) throws -> MQTTEndpoint {
    try MQTTEndpoint(
      url: "mqtts://127.0.0.1:\(broker.port)", username: name, password: "secret of \(name)", caFile: certificates.authority)
  }
}
