/// Which questions of the plane are answered, and how many in an hour: a plane that asks without end must not fill the store. Pure:
/// the caller brings time, in seconds of a clock that never goes back.
struct AskedQuestions: Equatable {
  private var answered: [String] = []
  private var left = Double(Self.mostAnHour)
  private var filledAt = 0.0

  static let mostAnHour = 60
  private static let mostRemembered = 256

  /// - Returns: whether it is to be answered now; a plane asks again what is not.
  mutating func admit(_ id: String, at now: Double) -> Bool {
    left = min(Double(Self.mostAnHour), left + max(0, now - filledAt) * Double(Self.mostAnHour) / 3600)
    filledAt = now
    guard left >= 1, !answered.contains(id) else { return false }
    left -= 1
    answered.append(id)
    answered.removeFirst(max(0, answered.count - Self.mostRemembered))
    return true
  }

  /// It could not be answered.
  mutating func forget(_ id: String) { answered.removeAll { $0 == id } }
}
