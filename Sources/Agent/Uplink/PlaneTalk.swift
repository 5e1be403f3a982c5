import Contracts
import Logging
import MQTT
import Signal
import Store

/// The conversation with the plane carried out: its steps become publishes and commits, messages become its news.
struct PlaneTalk {
  let store: Store
  let settings: Uplink.Settings
  let log: Logger
  let onChange: @Sendable (Uplink.Condition) -> Void
  var conversation: Conversation?
  var session: MQTTSession?
  var numbering: Numbering?
  var budget: ByteBudget
  var pace = LinkPace()
  /// What a batch of a lane came to on its way, of each byte of events.
  var packing: [Lane: Double] = [:]
  var questions = AskedQuestions()
  var connectedAt = UnixTime.now()
  var told: Uplink.Condition
  var toldAt = 0.0
  var startedOverAt = -Double.infinity
  /// Reports of this daemon's life.
  var reports: UInt64 = 0

  init(store: Store, settings: Uplink.Settings, log: Logger, onChange: @escaping @Sendable (Uplink.Condition) -> Void) {
    self.store = store
    self.settings = settings
    self.log = log
    self.onChange = onChange
    budget = ByteBudget(bytesPerDay: settings.budgetBytesPerDay, settings.spent, at: .now())
    told = Uplink.Condition(bytesToday: budget.bytesToday, day: budget.day)
  }

  /// Makes a session whose last will tells of the epoch in force; `nil` while the store cannot be read.
  mutating func open() -> MQTTSession? {
    look()
    guard let numbering else { return nil }
    if conversation?.epoch != numbering.epoch { conversation = Conversation(epoch: numbering.epoch, patience: patience) }
    conversation?.disconnected()
    connectedAt = .now()
    let session = MQTTSession(settings.endpoint, options(numbering))
    self.session = session
    return session
  }

  /// Jittered, so that a fleet does not ask in step.
  private var patience: Conversation.Patience {
    { [seconds = settings.answerSeconds] in seconds * Double.random(in: 0.9...1.1) }
  }

  /// Goes on until told to stop, or until a new epoch wants a new session.
  mutating func converse(until stopping: StopFlag) {
    guard let session else { return }
    var leave = StopPatience()
    var hasNewEpoch = false
    while !hasNewEpoch, !stopping.isSet || (canFinish && leave.lasts()) {
      let batch = session.read(waitSeconds: stopping.isSet ? 0.1 : 1)
      for notice in batch.notices { take(notice) }
      for message in batch.messages { hear(message) }
      look()
      hasNewEpoch = act()
      exchangeUpdates()
      tell()
    }
    publish(status(.offline), on: settings.topics.status, retain: true)
    session.disconnect()
    conversation?.disconnected()
    exchangeUpdates()
    tell()
  }

  /// There is a plane that listens and something it has not got.
  var canFinish: Bool { conversation?.isOpen == true && numbering?.unsentEvents ?? 0 > 0 }

  /// Reads where the store stands.
  mutating func look() {
    do { numbering = try store.reader.numbering() } catch {
      log.error("The store cannot be read for the plane", metadata: ["reason": "\(error)"])
    }
  }

  var last: [Lane: UInt64] {
    Dictionary(uniqueKeysWithValues: (numbering?.lanes ?? []).map { ($0.lane, $0.last) })
  }
}

/// How long a stop waits for the plane to take the last events.
private struct StopPatience {
  private var deadline: Double?

  mutating func lasts() -> Bool {
    let now = MonotonicClock.preciseSeconds()
    let end = deadline ?? now + 2
    deadline = end
    return now < end
  }
}
