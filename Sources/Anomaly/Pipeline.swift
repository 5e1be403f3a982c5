import Signal

/// What one point's frames go through from check to decision, whatever they measure. Belongs to one worker and is used by one
/// thread at a time.
package protocol Pipeline: AnyObject {
  var intake: Intake { get set }
  /// Silent for longer, it decides nothing any more; `nil`: its source promises nothing.
  var staleAfterSeconds: Double? { get }
  /// While false, nothing is learned from.
  var mayLearn: Bool { get set }
  /// What it is to learn from; 0: it learns nothing.
  var baselineWindows: Int { get }
  /// What is decided next tells its verdict even if that stays as it is.
  func tellAgain()
  /// What was learned is forgotten, and what was decided with it; the point learns anew.
  func forgetBaseline(into outcome: inout PointOutcome)
}

extension Pipeline {
  package var point: PointID { intake.point }
  package var state: PointState { intake.state }

  /// An outcome to hand to the calls of one batch.
  package func begin() -> PointOutcome { PointOutcome(point: point, state: state) }

  /// Books a message of this point that could not be decoded.
  package func quarantine(_ reason: QuarantineReason, into outcome: inout PointOutcome) {
    intake.quarantine(reason, &outcome)
    outcome.state = state
  }

  /// Books a message that the broker delivered again and that is committed already.
  package func duplicate(into outcome: inout PointOutcome) {
    intake.duplicate(&outcome)
    outcome.state = state
  }

  /// Books as dropped what waited in a half-filled window when the process ended; every other call does it too.
  package func resume(into outcome: inout PointOutcome) {
    intake.resume(&outcome)
    outcome.state = state
  }

  /// The broker forgot our session: order of delivery proves nothing across this moment.
  package func sessionLost() { intake.sessionLost() }

  /// The wall clock leapt: what was received before is as old as it was.
  package func clockLeapt(bySeconds seconds: Double) { intake.clockLeapt(bySeconds: seconds) }

  /// To be called now and then: a point that was silent for longer than its source promises decides nothing any more.
  /// - Returns: whether the outcome has something to store.
  package func noteSilence(at now: UnixTime, into outcome: inout PointOutcome) -> Bool {
    guard intake.noteSilence(at: now, promised: staleAfterSeconds, &outcome) else { return false }
    outcome.state = state
    return true
  }
}
