/// The type of an event, as programs and as people read it.
package enum EventType {
  /// `org.thrum.alarm.raised.v1` is `alarm raised` to people; what is not ours stays as it is.
  package static func words(_ type: String) -> String {
    let parts = type.split(separator: ".")
    guard type.hasPrefix("org.thrum."), parts.count > 3 else { return type }
    return parts.dropFirst(2).dropLast().joined(separator: " ")
  }
}
