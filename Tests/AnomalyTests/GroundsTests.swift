import Testing

@testable import Anomaly

@Suite("Grounds of a standing verdict")
struct GroundsTests {
  @Test("the rise itself is no growth; a worse zone, and the model joining, are; the same and less are not")
  func growth() {
    var grounds = Grounds()
    let seen: [(Verdict, SeverityZone?, Double?, Bool)] = [
      (.normal, .a, 0.2, false), (.alarm, .a, 4, false), (.alarm, .b, 4, false), (.alarm, .c, 4, true), (.alarm, .d, 4, true),
      (.alarm, .c, 0.5, false), (.alarm, .d, 4, false), (.normal, .a, 0.2, false), (.warning, .c, nil, false),
      (.warning, .c, 1.5, true), (.warning, .c, 1.5, false),
    ]
    for (verdict, zone, score, grows) in seen {
      var state = PointState()
      (state.verdict, state.zone, state.score) = (verdict, zone, score)
      #expect(grounds.have(grown: state) == grows, "\(verdict) \(String(describing: zone)) \(String(describing: score))")
    }
  }
}
