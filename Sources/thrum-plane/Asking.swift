import Contracts
import ControlPlane
import Terminal

extension PlaneFile {
  /// Leaves a question for the plane that serves; it goes to the gateway when that can be reached.
  func ask(_ gateway: String, in fleet: String?, _ what: PlaneQuestion.What, event: String? = nil, point: String? = nil) throws {
    let names = try reader(about: gateway).names()
    let known = names.filter { $0.gateway == gateway && fleet ?? $0.fleet == $0.fleet }
    guard let found = known.first else {
      let fleets = Set(names.filter { $0.gateway == gateway }.map(\.fleet))
      throw UsageError("\(gateway): it was never heard of in fleet \(fleet ?? ""); --fleet may be \(fleets.listed)")
    }
    guard known.count == 1 else {
      throw UsageError("\(gateway): expected --fleet, one of \(known.map(\.fleet).joined(separator: ", "))")
    }
    let question = PlaneQuestion(id: Nonce.random().hex, what: what, event: event, point: point)
    guard question.isValid else {
      throw UsageError("expected an event's id, as `thrum-plane events` lists them, or machine/point")
    }
    try Questions(database: path).add(.init(fleet: found.fleet, gateway: gateway, question: question))
    print("Asked \(gateway). Its answer is an event, `asked`, in `thrum-plane events`.")
  }
}
