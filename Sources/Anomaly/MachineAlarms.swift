import Signal

/// The debounced verdict of a point changed.
package struct VerdictChange: Sendable {
  package var arrival: Int
  package var time: UnixTime
  package var point: PointID
  package var verdict: Verdict
  package var explanation: Explanation
}
