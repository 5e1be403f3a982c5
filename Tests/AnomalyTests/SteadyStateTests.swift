import CAllocations
import Signal
import Testing

@testable import Anomaly

/// Counted in optimised builds (`swift test -c release -Xswiftc -enable-testing`): unoptimised code copies what it need not.
@Suite("The steady path", .enabled(if: thrum_allocations() >= 0 && !_isDebugAssertConfiguration()))
struct SteadyStateTests {
  @Test("scoring a window asks for no memory")
  func scoring() {
    let model = ModelTests.model
    DetectorTests.windows(1).forEach { window in
      var sum = model.score(window).joint
      let before = thrum_allocations()
      for _ in 0..<100 { sum += model.score(window).joint }
      #expect(thrum_allocations() == before)
      #expect(sum > 0)
    }
  }

  @Test("a frame asks for memory only to report")
  func frames() {
    var maker = FrameMaker()
    let frames = (0..<120).map { maker.frame(sequence: $0) }
    let pipeline = PointPipeline(point: Bench.point, settings: .small, analyzers: Analyzers())
    var outcome = pipeline.begin()
    for frame in frames[..<20] { pipeline.take(frame, arrival: 0, into: &outcome) }
    let before = thrum_allocations()
    for frame in frames[20...] { pipeline.take(frame, arrival: 0, into: &outcome) }
    #expect(
      thrum_allocations() - before <= 110, "one a frame: the committed ranges are copied for the store; now and then a trend")
  }
}
