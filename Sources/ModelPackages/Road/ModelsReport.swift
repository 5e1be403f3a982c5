import Anomaly
import Contracts
import Signal

/// Delivered models as `thrum models --json` and `up/reported` tell of them.
package struct ModelsReport: Sendable, Equatable, Encodable {
  package struct Version: Sendable, Equatable, Encodable {
    package var model, version, sha256: String
    package var serial: Int64
    package var stage: String
    /// `running`, `paused`, `rollback`, as the rollout says.
    package var state: String
    package var signed: Bool
    package var reason: String?
    package var words: String?
    package var since: String
    package var points: [Point]
  }

  package struct Point: Sendable, Equatable, Encodable {
    package var machine, point: String
    /// Of this version on this point: `shadow`, `canary`, `active`, `previous`.
    package var stage: String
    package var gates: [GateReading]
    /// Of the windows that both judged, parts in a thousand; reported, not asked for.
    package var agreementPermille: Int?
    /// Windows that it was too busy for.
    package var skipped: Int
  }

  package var format = 1
  /// By model, the newest first.
  package var models: [Version]

  package init(_ versions: [ModelVersionRow], _ roads: [ModelRoadRow]) {
    models = versions.sorted { ($0.model, -$0.serial, $0.digest) < ($1.model, -$1.serial, $1.digest) }.map { Version($0, roads) }
  }
}

extension ModelsReport.Version {
  fileprivate init(_ row: ModelVersionRow, _ roads: [ModelRoadRow]) {
    let rollout = try? Rollout(decoding: row.rollout)
    self.init(
      model: row.model, version: row.version, sha256: row.digest, serial: row.serial, stage: row.stage.rawValue,
      state: rollout?.state.rawValue ?? "running", signed: row.isSigned, reason: row.reason, words: row.words,
      since: row.since.rfc3339, points: roads.compactMap { ModelsReport.Point($0, of: row.digest, rollout) })
  }
}

extension ModelsReport.Point {
  fileprivate init?(_ road: ModelRoadRow, of digest: String, _ rollout: Rollout?) {
    let stage: String
    switch digest {
    case road.candidate: stage = road.stage?.rawValue ?? "shadow"
    case road.active: stage = "active"
    case road.previous: stage = "previous"
    default: return nil
    }
    let isJudged = digest == road.candidate || (stage == "active" && road.candidate == nil)
    let evidence = isJudged ? RoadEvidence(json: road.evidence) : RoadEvidence()
    let gates = digest == road.candidate ? rollout?.readings(evidence, road.stage) ?? [] : []
    self.init(
      machine: road.point.machine, point: road.point.point, stage: stage, gates: gates,
      agreementPermille: evidence.compared == 0 ? nil : 1000 * evidence.agreed / evidence.compared, skipped: evidence.skipped)
  }
}

extension Rollout {
  /// Windows to be seen in a stage.
  package func windows(_ stage: ModelStage?) -> Int { Int(stage == .canary ? canaryWindows : shadowWindows) }

  /// - Parameter stage: `shadow` or `canary`.
  package func readings(_ evidence: RoadEvidence, _ stage: ModelStage?) -> [GateReading] {
    gates.readings(evidence, needed: windows(stage))
  }
}

extension RoadEvidence {
  /// Nothing seen where it does not read.
  package init(json: String) { self = (try? JSON.decode(RoadEvidence.self, from: json.utf8)) ?? RoadEvidence() }

  package var json: String { JSON.text(self) }
}
