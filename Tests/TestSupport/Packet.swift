/// One MQTT control packet as bytes: enough of the standard to play a broker or a publisher.
package struct Packet: Sendable, Equatable {
  package var header: UInt8
  package var body: [UInt8]

  package init(_ kind: Kind, flags: UInt8 = 0, _ body: [UInt8] = []) {
    header = kind.rawValue << 4 | flags
    self.body = body
  }

  /// Waits for the next packet; nil when the other side has closed.
  package init?(from socket: Socket) {
    guard let header = socket.receive(1)?.first else { return nil }
    var (length, shift, more) = (0, 0, true)
    while more {
      guard let byte = socket.receive(1)?.first else { return nil }
      length |= Int(byte & 0x7F) << shift
      shift += 7
      more = byte & 0x80 != 0
    }
    guard let body = length == 0 ? [] : socket.receive(length) else { return nil }
    self.header = header
    self.body = body
  }

  package enum Kind: UInt8, Sendable {
    case connect = 1, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe, unsuback, pingreq,
      pingresp, disconnect
  }
  package var kind: Kind? { Kind(rawValue: header >> 4) }

  package var bytes: [UInt8] {
    var (encoded, rest) = ([header], body.count)
    repeat {
      encoded.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return encoded + body
  }

  /// Big-endian 16 bits at `offset` of the body.
  package func number(at offset: Int) -> Int { Int(body[offset]) << 8 | Int(body[offset + 1]) }

  // MARK: what tests send

  /// A PUBLISH of MQTT 3.1.1, or of MQTT 5 with no properties.
  package static func publish(
    _ topic: String, _ payload: [UInt8], id: Int = 0, qos: Int = 1, duplicate: Bool = false, retain: Bool = false,
    v5: Bool = false
  ) -> Packet {
    let flags = UInt8(qos << 1) | (duplicate ? 8 : 0) | (retain ? 1 : 0)
    return Packet(.publish, flags: flags, string(topic) + (qos > 0 ? number(id) : []) + (v5 ? [0] : []) + payload)
  }

  /// A CONNECT of MQTT 3.1.1 with a clean session.
  package static func connect(clientID: String, keepaliveSeconds: Int = 60) -> Packet {
    Packet(.connect, string("MQTT") + [4, 2] + number(keepaliveSeconds) + string(clientID))
  }

  package static func string(_ text: String) -> [UInt8] { number(text.utf8.count) + Array(text.utf8) }
  package static func number(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }
}
