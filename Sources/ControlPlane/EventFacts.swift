import Contracts
import SQLite
import Signal

/// What an event says of itself, as far as it can be read: an event that is no CloudEvent is kept all the same, its lane must go on.
struct EventFacts {
  let id: String
  var time: UnixTime?
  var type = unreadable
  var subject = ""
  /// Boot and nanoseconds since it, where the clock was in doubt.
  var doubt: (boot: String, uptime: Int64)?

  static let unreadable = "unreadable"
  /// A hundred years.
  private static let longestUptimeMs: Int64 = 3_155_760_000_000

  init(_ line: Line, of epoch: KnownEpoch) {
    guard let read = try? JSON.decode(CloudEvent.self, from: line.event), (1...512).contains(read.id.utf8.count) else {
      id = "\(epoch.epoch):\(line.lane.rawValue):\(line.sequence)"
      return
    }
    id = read.id
    time = read.time
    type = read.type
    subject = read.subject ?? ""
    if read.clock != nil, let boot = read.bootid, boot.utf8.count <= 64, let uptime = read.uptimems,
      (0...Self.longestUptimeMs).contains(uptime)
    {
      doubt = (boot, uptime * 1_000_000)
    }
  }
}

extension UnixTime: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(integer: nanoseconds, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { Self(nanoseconds: row.integer(column)) }
}

/// Epochs, nonces and hashes are kept as their bytes.
extension Epoch: Storable {}
extension Nonce: Storable {}
extension ChainHash: Storable {}

extension HexCoded where Self: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(blob: bytes, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { Self(unchecked: row.blob(column)) }
}
