/// Why a point stands in warning or alarm.
struct Grounds: Sendable {
  private var verdict = Verdict.normal
  private var zone = SeverityZone.b
  private var isUnlikeBaseline = false
  private var wasChanged = false
  private var wasDiagnosable = false

  /// - Parameter isDiagnosable: the samples at hand are enough to look for the lines of bearing and shaft.
  /// - Returns: whether a standing verdict has more behind it than when it was last told: a worse zone, the model, a change of
  ///   velocity, or a first diagnosis.
  mutating func have(grown state: PointState, isChanged: Bool = false, isDiagnosable: Bool = false) -> Bool {
    let stands = state.verdict == verdict && verdict.priority != nil
    let unlike = (state.score ?? 0) >= 1
    let grown =
      stands
      && ((state.zone ?? .a) > zone || (unlike && !isUnlikeBaseline) || (isChanged && !wasChanged)
        || (isDiagnosable && !wasDiagnosable))
    zone = max(state.zone ?? .a, stands ? zone : .b)
    isUnlikeBaseline = unlike || (stands && isUnlikeBaseline)
    wasChanged = isChanged || (stands && wasChanged)
    wasDiagnosable = isDiagnosable || (stands && wasDiagnosable)
    verdict = state.verdict
    return grown
  }
}
