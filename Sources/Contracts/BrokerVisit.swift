/// What a look at the plant's broker found: `thrumd --visit-broker` prints it as JSON, `thrum doctor` reads it.
package struct BrokerVisit: Codable, Sendable, Equatable {
  /// Why there is no talking to it; `nil`: it answers.
  package var trouble: String?
  /// The configuration is at fault, not the broker.
  package var isMisconfigured = false
  /// mosquitto's own count of messages dropped for want of room, since its start.
  package var dropped: Int?
  /// What is published there, as far as was listened.
  package var topics: Set<String> = []
  package var hasListened = false

  package init() {}

  package init(trouble: String, isMisconfigured: Bool = false) {
    (self.trouble, self.isMisconfigured) = (trouble, isMisconfigured)
  }
}
