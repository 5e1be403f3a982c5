import Anomaly
import Signal

/// How far a version of a delivered model has come on this gateway.
package enum ModelStage: String, Sendable, Codable, CaseIterable {
  /// Kept and to be verified: digest, bounds, golden windows on this machine.
  case arrived
  /// Beside the model at work, on the same windows.
  case shadow
  /// At work on the points that go first.
  case canary
  case active
  /// Replaced by a later version.
  case retired
  /// Stopped before it was active; not tried again unless signed with a new serial.
  case failed
  /// Taken back after it was at work.
  case rolledBack = "rolled_back"
  case revoked
}

/// A version of a delivered model, as the store keeps it.
package struct ModelVersionRow: Sendable, Equatable {
  /// SHA-256 of the package, lower-case hex.
  package var digest: String
  package var model: String
  package var version: String
  /// Of its rollout; 0 where a person installed it.
  package var serial: Int64
  /// The rollout, as signed.
  package var rollout: [UInt8]
  /// False where nobody's signature stands behind it (`[models] allow_unsigned`).
  package var isSigned: Bool
  package var stage: ModelStage
  /// Why it failed or was taken back, as machines and as people read it.
  package var reason: String?
  package var words: String?
  package var since: UnixTime

  package init(
    digest: String, model: String, version: String, serial: Int64, rollout: [UInt8], isSigned: Bool, stage: ModelStage,
    reason: String? = nil, words: String? = nil, since: UnixTime
  ) {
    (self.digest, self.model, self.version, self.serial) = (digest, model, version, serial)
    (self.rollout, self.isSigned, self.stage) = (rollout, isSigned, stage)
    (self.reason, self.words, self.since) = (reason, words, since)
  }

  package var name: String { "\(model) \(version)" }
}

/// Which delivered models a point has, by their packages' digests.
package struct ModelRoadRow: Sendable, Equatable {
  package var point: PointID
  /// At work; `nil`: what the point has learned itself.
  package var active: String?
  /// What was at work before that, to go back to.
  package var previous: String?
  package var candidate: String?
  /// Of the candidate: `shadow` or `canary`.
  package var stage: ModelStage?
  /// `RoadEvidence` of the candidate's stage, or of the active one, as JSON.
  package var evidence: String

  package init(point: PointID) { (self.point, evidence) = (point, "{}") }

  /// What speaks.
  package var speaking: String? { stage == .canary ? candidate : active }
}

/// A window in which a point was raised, kept so that models that come later can be asked about it once a person has confirmed it.
package struct RaisedWindow: Sendable, Equatable {
  package var point: PointID
  package var time: UnixTime
  package var speedRPM: Double?
  package var shape: ModelShape
  package var samples: [Float]

  package init(point: PointID, time: UnixTime, speedRPM: Double?, shape: ModelShape, samples: [Float]) {
    (self.point, self.time, self.speedRPM, self.shape, self.samples) = (point, time, speedRPM, shape, samples)
  }
}
