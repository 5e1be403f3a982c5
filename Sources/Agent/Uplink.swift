import Contracts
import Logging
import MQTT
import Signal
import Store
import Synchronization

/// Brings committed events to the plane, alarms first, and hears how far it has them (docs/PROTOCOL).
/// One thread, one connection; `run` blocks until `stop`. Everything is in the store: nothing here has to survive.
package final class Uplink: BlockingWork {
  /// How the link is, for people.
  package struct Condition: Sendable, Equatable {
    /// A plane has welcomed us.
    package var isConnected = false
    /// Why not, or what is wrong.
    package var reason: String? = "not connected yet"
    package var bytesToday = 0
    package var day: Int64?
  }

  package struct Settings: Sendable {
    package var endpoint: MQTTEndpoint
    package var topics: PlaneTopics
    package var version: String
    /// What a new epoch is bound to: as the store was opened with.
    package var binding: [UInt8]
    package var budgetBytesPerDay: Int?
    /// How long the plane may take to answer before it is asked again, give or take a tenth.
    package var answerSeconds = 30.0
    /// What was sent before this start, and on which day.
    package var spent: DaemonState.Link?
    /// Where questions for models go out and answers come in; `nil`: no models from this plane.
    package var updates: UpdateExchange?
    /// Lets a point keep its next waveform, from any thread; false when there is no such point with samples.
    package var keepWaveform: @Sendable (PointID) -> Bool = { _ in false }
    /// Signs batches; `nil`: this gateway is not enrolled.
    package var signature: BatchSigner?

    package init(endpoint: MQTTEndpoint, topics: PlaneTopics, version: String, binding: [UInt8]) {
      self.endpoint = endpoint
      self.topics = topics
      self.version = version
      self.binding = binding
    }
  }

  private let store: Store
  private let settings: Settings
  private let log: Logger
  private let onChange: @Sendable (Condition) -> Void
  private let stopping = StopFlag()
  private let session = Mutex<MQTTSession?>(nil)

  /// - Parameter onChange: told of every change of the condition, on the uplink's thread.
  package init(store: Store, settings: Settings, log: Logger, onChange: @escaping @Sendable (Condition) -> Void = { _ in }) {
    self.store = store
    self.settings = settings
    self.log = log
    self.onChange = onChange
  }

  /// Blocks until `stop`.
  package func run() {
    settings.updates?.attach { [weak self] in self?.wake() }
    var talk = PlaneTalk(store: store, settings: settings, log: log, onChange: onChange)
    while !stopping.isSet {
      guard let session = talk.open() else {
        stopping.wait(seconds: 1)
        continue
      }
      self.session.withLock { $0 = session }
      talk.converse(until: stopping)
    }
    session.withLock { $0 = nil }
  }

  /// There are new events: an alarm does not wait for the next look. From any thread.
  package func wake() { session.withLock { $0?.wake() } }

  /// Sends what can be sent within a moment, then leaves. From any thread.
  package func stop() {
    stopping.set()
    wake()
  }
}
