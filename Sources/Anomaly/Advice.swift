/// What to do about a fault that was named, by how bad it is. A site's own rows go before the shipped ones.
package struct Advice: Sendable, Equatable {
  /// A `NamedFault`, a cause of the shaft's lines, or `any`.
  package var fault: String
  /// `nil`: whatever the zone.
  package var zone: SeverityZone?
  package var text: String

  package init(fault: String, zone: SeverityZone? = nil, text: String) {
    (self.fault, self.zone, self.text) = (fault, zone, text)
  }

  /// Everything that can be named.
  package static let faults =
    ["outer", "inner", "ball", "cage", "unbalance", "misalignment", "looseness", "gear", "electrical", "any"]

  /// The first row that fits: the fault's before `any`'s, the zone's before those of all zones, the site's before the shipped.
  /// - Parameter fault: `nil`: none was named.
  package static func text(for fault: String?, zone: SeverityZone?, own: [Advice] = []) -> String? {
    for name in [fault, "any"].compactMap({ $0 }) {
      for rows in [own, shipped] {
        let fitting = rows.filter { $0.fault == name && ($0.zone == nil || $0.zone == zone) }
        if let row = fitting.first(where: { $0.zone != nil }) ?? fitting.first { return row.text }
      }
    }
    return nil
  }

  /// THE LIST: what a careful analyst would say without knowing the plant; guidance, not a safety instruction.
  package static let shipped: [Advice] = [
    bearing("outer"), bearing("inner"), bearing("ball"), bearing("cage"), worst("outer"), worst("inner"), worst("ball"),
    Advice(
      fault: "cage", zone: .d,
      text: "A cage that fails blocks the bearing without further warning: stop the machine as soon as the process allows."),
    Advice(
      fault: "unbalance",
      text: "Look for deposits, wear or a lost weight on the rotor; clean it, then balance it in place if it stays."),
    Advice(
      fault: "misalignment",
      text: "Check the coupling and the alignment at working temperature; look for pipe strain and soft foot first."),
    Advice(fault: "looseness", text: "Check foundation bolts, feet and bearing seats; tighten, then measure again."),
    Advice(fault: "gear", text: "Take an oil sample and look at the tooth contact at the next stop; mind the load until then."),
    Advice(
      fault: "electrical",
      text: "Let an electrician check supply symmetry, air gap and rotor bars; compare the level with the supply switched off."),
    Advice(
      fault: "any", zone: .d,
      text: "Reduce load or stop the machine as soon as the process allows, and have it looked at before it runs on."),
    Advice(fault: "any", text: "Look, listen and feel at the machine; measure again by hand, and note what you find."),
  ]

  private static func bearing(_ fault: String) -> Advice {
    Advice(
      fault: fault,
      text: "Check lubrication and temperature, order the bearing, and plan its exchange; watch the trend daily until then.")
  }

  private static func worst(_ fault: String) -> Advice {
    Advice(
      fault: fault, zone: .d, text: "Exchange the bearing at the next possible stop; do not let it run unattended until then.")
  }
}
