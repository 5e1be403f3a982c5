import Glibc
import Synchronization

/// Who is at the other end, as far as limits count: one IPv4 address, one IPv6 network of 64 bits (a host there has as many addresses as
/// it likes; link-local addresses, which all share one, count each), or all programs on this gateway as one.
package struct Visitor: Hashable, Sendable, CustomStringConvertible {
  /// 4, 8 or 16 bytes; none: this gateway.
  private let network: [UInt8]
  package let description: String

  static let local = Visitor(network: [], description: "this gateway")

  var isLocal: Bool { network.isEmpty }

  package static func == (one: Self, other: Self) -> Bool { one.network == other.network }
  package func hash(into hasher: inout Hasher) { hasher.combine(network) }
}

extension Visitor {
  /// - Parameter address: as inet_ntop(3) writes it; without one, as on a Unix socket, it is this gateway.
  init(address: String?) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if let address, inet_pton(AF_INET, address, &bytes) == 1 {
      self.init(v4: Array(bytes.prefix(4)))
    } else if let address, inet_pton(AF_INET6, address, &bytes) == 1 {
      self.init(v6: bytes)
    } else {
      self = .local
    }
  }

  /// - Parameter bytes: 4.
  private init(v4 bytes: [UInt8]) {
    self = bytes.first == 127 ? .local : Self(network: bytes, description: bytes.map { "\($0)" }.joined(separator: "."))
  }

  /// - Parameter bytes: 16; an IPv4 address as `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2) is that one.
  private init(v6 bytes: [UInt8]) {
    let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    if isMapped {
      self.init(v4: Array(bytes[12...]))
    } else if bytes.dropLast().allSatisfy({ $0 == 0 }) && bytes[15] == 1 {
      self = .local
    } else {
      let isLinkLocal = bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
      let network = Array(bytes.prefix(isLinkLocal ? 16 : 8))
      let groups = stride(from: 0, to: network.count, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
      self.init(network: network, description: groups.joined(separator: ":") + (isLinkLocal ? "" : "::/64"))
    }
  }
}

/// How often each visitor may do something: so many times a second, and more in a burst.
final class Pace: Sendable {
  private struct Bucket {
    var left: Double
    var at: Double
  }

  private let perSecond: Double
  private let burst: Double
  private let buckets = Mutex<[Visitor?: Bucket]>([:])

  /// - Parameter burst: how many at once after a while of nothing; twice `perSecond` where it is not said.
  init(perSecond: Double, burst: Double? = nil) {
    (self.perSecond, self.burst) = (perSecond, burst ?? 2 * perSecond)
  }

  /// - Returns: false where it is too often.
  func take(_ visitor: Visitor = .local) -> Bool {
    buckets.withLock { buckets in
      let now = monotonicSeconds()
      let key = Self.key(visitor, in: &buckets) { now - $0.at >= burst / perSecond }
      var bucket = buckets[key] ?? Bucket(left: burst, at: now)
      bucket.left = min(burst, bucket.left + (now - bucket.at) * perSecond)
      bucket.at = now
      let isLeft = bucket.left >= 1
      if isLeft { bucket.left -= 1 }
      buckets[key] = bucket
      return isLeft
    }
  }

  /// What was taken shall not count.
  func giveBack(_ visitor: Visitor) {
    buckets.withLock { $0[visitor]?.left += 1 }
  }

  /// Those that were away so long that they may do everything again need not be remembered; where too many are, the rest share one.
  private static func key(_ visitor: Visitor, in buckets: inout [Visitor?: Bucket], _ isRested: (Bucket) -> Bool) -> Visitor? {
    if buckets[visitor] != nil || buckets.count < mostRemembered { return visitor }
    buckets = buckets.filter { !isRested($0.value) }
    return buckets.count < mostRemembered ? visitor : nil
  }

  private static let mostRemembered = 1024
}

/// Time that never jumps, for durations.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
