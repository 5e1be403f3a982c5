/// Topic filters with `+` (one level) and `#` (the rest), as MQTT 5 section 4.7 has them.
package enum Topic {
  /// Whether a message on `topic` belongs to a subscription to `filter`.
  package static func matches(_ topic: String, filter: String) -> Bool {
    // 4.7.2: what begins with $ is the broker's own, no wildcard at the first level reaches it.
    if topic.utf8.first == UInt8(ascii: "$"), let first = filter.utf8.first, "+#".utf8.contains(first) { return false }
    var levels = topic.split(separator: "/", omittingEmptySubsequences: false)[...]
    for wanted in filter.split(separator: "/", omittingEmptySubsequences: false) {
      if wanted == "#" { return true }
      guard let level = levels.popFirst(), wanted == "+" || wanted == level else { return false }
    }
    return levels.isEmpty
  }

  /// Whether `filter` may be subscribed to: wildcards stand alone in their level, `#` only at the end, no NUL.
  package static func isValid(filter: String) -> Bool {
    guard (1...65_535).contains(filter.utf8.count), !filter.utf8.contains(0) else { return false }
    let levels = filter.split(separator: "/", omittingEmptySubsequences: false)
    return levels.enumerated().allSatisfy { index, level in
      if level == "#" { return index == levels.count - 1 }
      return level == "+" || !level.contains { $0 == "+" || $0 == "#" }
    }
  }
}
