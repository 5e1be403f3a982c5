import Crypto
import Signal

/// What was decided about some windows of a point that follow each other, and by which model: a row of the prediction log.
package struct PredictionRow: Sendable, Equatable, Codable {
  package var machine: String
  package var point: String
  package var from: UnixTime
  package var to: UnixTime
  package var windows: Int
  /// The model at work; `nil`: rules alone.
  package var model: String?
  /// Of every window's features (float32, little-endian) and its own verdict's name, chained as events are, from 32 zero bytes.
  package var inputs: ChainHash
  /// How the point stood after them.
  package var verdict: String
  package var reason: String?

  package init(
    point: PointID, from: UnixTime, to: UnixTime, windows: Int, model: String?, inputs: ChainHash, verdict: String,
    reason: String?
  ) {
    (machine, self.point) = (point.machine, point.point)
    (self.from, self.to, self.windows, self.model) = (from, to, windows, model)
    (self.inputs, self.verdict, self.reason) = (inputs, verdict, reason)
  }
}

/// Where the prediction log's chain stands, as the plane is told: what came before cannot be written anew unseen.
package struct PredictionHead: Sendable, Equatable, Codable {
  package var rows: Int
  package var hash: ChainHash

  package init(rows: Int, hash: ChainHash) { (self.rows, self.hash) = (rows, hash) }
}

extension ChainHash {
  /// Of a chain that belongs to no epoch.
  package static let nothing = ChainHash(unchecked: [UInt8](repeating: 0, count: 32))
}
