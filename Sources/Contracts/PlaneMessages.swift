import Signal

/// A message of the conversation: JSON of a bounded size, refused whole when anything in it is not as it must be.
package protocol PlaneMessage: Codable, Sendable, Equatable {
  /// Bytes; a longer payload is refused unread.
  static var maxBytes: Int { get }
  var isValid: Bool { get }
}

extension PlaneMessage {
  package static var maxBytes: Int { 4096 }
  package var isValid: Bool { true }
  package var encoded: [UInt8] { JSON.encode(self) }

  package static func decode(_ payload: [UInt8]) throws(PlaneMessageError) -> Self {
    guard payload.count <= maxBytes else { throw .tooLong(payload.count, maxBytes, "\(Self.self)") }
    let message: Self
    do { message = try JSON.decode(Self.self, from: payload) } catch { throw .malformed("\(error)") }
    guard message.isValid else { throw .malformed("\(Self.self): a number is out of range") }
    return message
  }
}

/// A payload that is not what its topic promises.
package enum PlaneMessageError: Error, Sendable, Equatable, CustomStringConvertible {
  case malformed(String)
  case tooLong(Int, Int, String)

  package var description: String {
    switch self {
    case .malformed(let reason): reason
    case .tooLong(let bytes, let most, let object): "decode \(object): expected at most \(most) bytes, got \(bytes)"
    }
  }
}

/// The gateway introduces itself: `up/hello`.
package struct Hello: PlaneMessage {
  package var epoch: Epoch
  @OrNull package var parentEpoch: Epoch?
  package var incarnation: UInt64
  /// New with each hello: answers to an older one are told apart by it.
  package var nonce: Nonce
  package var version: String
  /// By the lane's name; a plane ignores lanes it does not know.
  package var lanes: [String: Head]

  package struct Head: Codable, Sendable, Equatable {
    package var last: UInt64
    package var hash: ChainHash

    package init(last: UInt64, hash: ChainHash) {
      self.last = last
      self.hash = hash
    }
  }

  package init(epoch: Epoch, parentEpoch: Epoch?, incarnation: UInt64, nonce: Nonce, version: String, lanes: [Lane: Head]) {
    self.epoch = epoch
    self.parentEpoch = parentEpoch
    self.incarnation = incarnation
    self.nonce = nonce
    self.version = version
    self.lanes = Dictionary(uniqueKeysWithValues: lanes.map { ($0.key.rawValue, $0.value) })
  }

  package var isValid: Bool {
    incarnation <= maxNumber && version.utf8.count <= 64 && lanes.count <= 16 && lanes.values.allSatisfy { $0.last <= maxNumber }
  }
}

/// Where the plane stands in each lane of this epoch: `down/welcome`. Nothing is sent before it.
package struct Welcome: PlaneMessage {
  package var epoch: Epoch
  package var nonce: Nonce
  package var planeIncarnation: UInt64
  /// Batches of a lane that may be unanswered, 1 or more.
  package var window: Int
  package var lanes: [String: Position]

  package struct Position: Codable, Sendable, Equatable {
    package var through: UInt64
    package var hash: ChainHash

    package init(through: UInt64, hash: ChainHash) {
      self.through = through
      self.hash = hash
    }
  }

  package init(epoch: Epoch, nonce: Nonce, planeIncarnation: UInt64, window: Int, lanes: [Lane: Position]) {
    self.epoch = epoch
    self.nonce = nonce
    self.planeIncarnation = planeIncarnation
    self.window = window
    self.lanes = Dictionary(uniqueKeysWithValues: lanes.map { ($0.key.rawValue, $0.value) })
  }

  package var isValid: Bool { (1...1024).contains(window) && lanes.values.allSatisfy { $0.through <= maxNumber } }
}

/// The plane has committed a lane up to here: `down/ack`.
package struct Ack: PlaneMessage {
  package var epoch: Epoch
  package var lane: Lane
  package var nonce: Nonce
  package var planeIncarnation: UInt64
  package var through: UInt64
  package var hash: ChainHash

  package init(epoch: Epoch, lane: Lane, nonce: Nonce, planeIncarnation: UInt64, through: UInt64, hash: ChainHash) {
    self.epoch = epoch
    self.lane = lane
    self.nonce = nonce
    self.planeIncarnation = planeIncarnation
    self.through = through
    self.hash = hash
  }
}

/// The plane did not take a batch: `down/nack`.
package struct Nack: PlaneMessage {
  package var epoch: Epoch
  package var lane: Lane
  package var nonce: Nonce
  /// The number it would take next.
  package var expected: UInt64

  package init(epoch: Epoch, lane: Lane, nonce: Nonce, expected: UInt64) {
    self.epoch = epoch
    self.lane = lane
    self.nonce = nonce
    self.expected = expected
  }

  package var isValid: Bool { expected >= 1 }
}

/// Whether a gateway is there: `up/status`, retained, and its last will.
package struct GatewayStatus: PlaneMessage {
  package var state: LinkState
  package var connectedAt: UnixTime
  package var epoch: Epoch
  package var incarnation: UInt64
  package var version: String

  package init(state: LinkState, connectedAt: UnixTime, epoch: Epoch, incarnation: UInt64, version: String) {
    self.state = state
    self.connectedAt = connectedAt
    self.epoch = epoch
    self.incarnation = incarnation
    self.version = version
  }

  package var isValid: Bool { incarnation <= maxNumber && version.utf8.count <= 64 }
}

/// Whether a plane is there: `thrum/v1/plane/status`, retained, and its last will.
package struct PlaneStatus: PlaneMessage {
  package var state: LinkState
  package var planeIncarnation: UInt64

  package init(state: LinkState, planeIncarnation: UInt64) {
    self.state = state
    self.planeIncarnation = planeIncarnation
  }
}

package enum LinkState: String, Codable, Sendable { case online, offline }

/// Tells the answers to one hello from those to another.
package struct Nonce: HexCoded {
  package static let sizes = [16]
  package let bytes: [UInt8]
  package init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  package static func random() -> Nonce { Nonce(unchecked: Epoch.random().bytes) }
}

/// Event numbers and incarnations fit a signed 64-bit column.
let maxNumber = UInt64(Int64.max)
