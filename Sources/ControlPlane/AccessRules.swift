import Contracts

/// The broker's access rules for a fleet, as mosquitto reads them (`acl_file`, mosquitto.conf(5)): three lines a gateway.
/// The broker must know who is who: by a password, or by a certificate (`use_identity_as_username true`).
package struct AccessRules: Sendable {
  /// Each connects under its own name.
  package var gateways: [PlaneTopics]
  /// The name under which the plane connects.
  package var plane: String

  package init(gateways: [PlaneTopics], plane: String) { (self.gateways, self.plane) = (gateways, plane) }

  /// Names that two fleets have: the broker could not tell them apart.
  package var ambiguous: [String] {
    Dictionary(grouping: gateways + [], by: \.gateway).filter { $0.value.count > 1 || $0.key == plane }.keys.sorted()
  }

  package var text: String {
    let head = """
      # Written by `thrum-plane acl`. In mosquitto.conf: acl_file, allow_anonymous false, and password_file or use_identity_as_username.
      user \(plane)
      topic read \(PlaneTopics.everyUp)
      topic write thrum/v1/+/+/down/#
      topic write \(PlaneTopics.planeStatus)

      """
    return ([head] + gateways.map(rules)).joined(separator: "\n")
  }

  private func rules(_ gateway: PlaneTopics) -> String {
    """
    user \(gateway.gateway)
    topic write \(gateway.allUp)
    topic read \(gateway.allDown)
    topic read \(PlaneTopics.planeStatus)

    """
  }
}
