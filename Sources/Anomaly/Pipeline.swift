import Signal

/// What one point's frames go through from check to decision, whatever they measure. Belongs to one worker and is used by one
/// thread at a time.
package protocol Pipeline: AnyObject {
  var state: PointState { get }
  /// While false, nothing is learned from.
  var mayLearn: Bool { get set }
  /// What it is to learn from; 0: it learns nothing.
  var baselineWindows: Int { get }
  /// What is decided next tells its verdict even if that stays as it is.
  func tellAgain()
  /// What was learned is forgotten, and what was decided with it; the point learns anew.
  func forgetBaseline(into outcome: inout PointOutcome)
  /// An outcome to hand to the calls of one batch.
  func begin() -> PointOutcome
  /// Books a message of this point that could not be decoded.
  func quarantine(_ reason: QuarantineReason, into outcome: inout PointOutcome)
  /// Books a message that the broker delivered again and that is committed already.
  func duplicate(into outcome: inout PointOutcome)
  /// The broker forgot our session: order of delivery proves nothing across this moment.
  func sessionLost()
  /// The wall clock leapt: what was received before is as old as it was.
  func clockLeapt(bySeconds seconds: Double)
  /// To be called now and then: a point that was silent for longer than its source promises decides nothing any more.
  /// - Returns: whether the outcome has something to store.
  func noteSilence(at now: UnixTime, into outcome: inout PointOutcome) -> Bool
}

extension PointPipeline: Pipeline {}
extension ScalarPipeline: Pipeline {}
