import Anomaly
import Dispatch
import MQTT
import Signal
import Store

/// Turns a batch of messages into one change for the store: routes each message to its point, every machine always at the same
/// worker, and puts the outcomes back in order of arrival. Used by the ingest thread alone.
final class PointWorkers {
  private let routes: Routes
  private let workers: [PointWorker]
  private var ring: RedeliveryRing
  private let learner: Learner
  private let settings: PointSettingsBook
  private let maxPoints: Int
  private var known: Set<PointID>
  private let broker: String
  private var hadSession: Bool

  init(routes: Routes, settings: PointSettingsBook, restored: RestoredState, learner: Learner, maxPoints: Int, broker: String, workers count: Int) {
    self.routes = routes
    self.settings = settings
    self.learner = learner
    self.maxPoints = maxPoints
    self.broker = broker
    ring = restored.ring
    hadSession = restored.hadSession
    known = Set(restored.points.map(\.id))
    workers = (0..<count).map { _ in PointWorker(settings: settings) }
    for point in restored.points { worker(of: point.id).restore(point) }
  }

  /// What the batch comes to. Nothing of it is durable before the change is committed.
  func take(_ batch: Batch, at now: UnixTime) -> Change {
    var change = Change()
    note(batch.notices, at: now, in: &change)
    let deliveries = sort(batch.messages, at: now, into: &change)
    let models = learner.takeFinished()
    let outcomes = analyse(deliveries, models: models, at: now)
    for outcome in outcomes { merge(outcome, into: &change) }
    change.session = ring.takeChange()
    return change
  }
}
