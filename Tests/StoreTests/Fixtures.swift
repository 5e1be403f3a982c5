import Anomaly
import Contracts
import SQLite
import Signal
import Store
import TestSupport

/// A state folder for one test.
struct Bench {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  var database: String { folder.path + "/thrum.db" }

  func open(binding: [UInt8] = [1], _ edit: (inout StoreSettings) -> Void = { _ in }) throws -> Store {
    try openStore(in: folder.path, binding: binding, edit)
  }
}

func openStore(in folder: String, binding: [UInt8] = [1], _ edit: (inout StoreSettings) -> Void = { _ in }) throws -> Store {
  var settings = StoreSettings(
    origin: EventOrigin(fleet: "demo", gateway: "gw-1"), version: "0.1.0", startedAt: time(0), binding: binding)
  edit(&settings)
  return try Store.open(folder: folder, settings: settings)
}

func time(_ seconds: Int64) -> UnixTime { UnixTime(nanoseconds: seconds * 1_000_000_000) }

func point(_ number: Int) -> PointID { PointID(machine: "pump-\(number)", point: "drive-end") }

/// A point's outcome with one frame in it, and something in every part.
func fullOutcome(_ number: Int, frame: Int = 0) throws -> PointOutcome {
  var state = PointState()
  state.verdict = .abstain(.learning)
  state.zone = .b
  state.velocityRMS = 2.5
  state.score = 0.5
  state.probability = 0.125
  state.uncalibrated = true
  state.operatingState = .steady
  state.baseline.phase = .learning
  state.baseline.windows = frame + 1
  state.baseline.windowsWanted = 300
  state.debounce.warnings = .max
  state.debounce.alarms = 5
  state.lastFrameAt = time(Int64(frame))
  state.lastSampleDigest = .max - UInt64(frame)
  state.reference.meanVelocityRMS = 1.25
  state.reference.blocks = 3
  state.pendingFrames = 1
  var outcome = PointOutcome(point: point(number), state: state)
  outcome.ledger.received = 4
  outcome.ledger.analysed = 1
  outcome.ledger.pending = 1
  outcome.ledger.quarantined = [.clipped: 1]
  outcome.ledger.dropped = [.gap: 1]
  outcome.sequences = SequenceRanges([0...UInt64(frame), .max - 1 ... .max])
  outcome.baseline = [BaselineWindow(index: frame, features: [Float(frame), 0.1, -.infinity])]
  outcome.trend = [
    TrendRow(time: time(Int64(frame)), velocityRMS: nil, rms: 0.5, kurtosis: 3, probability: 0.25, verdict: .suppressed(.stopped))
  ]
  outcome.occurrences = [fault(subject: "pump-\(number)/drive-end", arrival: number)]
  outcome.alarms = [try alarm(number)]
  return outcome
}

func fault(subject: String, arrival: Int = 0) -> Occurrence {
  Occurrence(arrival: arrival, time: time(9), subject: subject, kind: .sensorFault(SensorReport(reason: "stuck")))
}

func alarm(_ number: Int, state: Alarm.State = .unacknowledged) throws -> Alarm {
  Alarm(
    id: "pump-\(number)#1", machine: "pump-\(number)", state: state, priority: .warning, members: [point(number)],
    raisedAt: time(5),
    changedAt: time(6), explanation: try explanation())
}

func explanation() throws -> Explanation {
  let json = #"""
    {"words":"High","decided_by":["zones","model"],"zone":"C","velocity_rms_mm_s":4.5,"uncalibrated":false,
     "contributions":[{"feature":"kurtosis","share":0.5,"value":9,"deviations":12}],
     "lines":[{"name":"2xBSF","frequency_hz":81.1,"amplitude":0.1,"ratio_to_floor":9,"harmonics":3}],
     "spectrum":{"unit":"g","resolution_hz":1.5,"band_hz":[2000,10000],"amplitude":[0.1,0.2,0.3]}}
    """#
  return try JSON.decode(Explanation.self, from: json.utf8)
}

func change(_ edit: (inout Change) throws -> Void) rethrows -> Change {
  var change = Change()
  try edit(&change)
  return change
}

func change(points: [PointOutcome]) -> Change { change { $0.points = points } }
