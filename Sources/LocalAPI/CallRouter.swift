import Contracts

/// Finds the code that answers a call: one line per call where it is put together.
package struct CallRouter: Sendable {
  package typealias Answering<C: Call> = @Sendable (C, Caller) async -> Result<C.Reply, CallProblem>

  private let roles: Roles
  private var routes: [String: @Sendable ([UInt8], Caller) async -> Answer] = [:]

  package init(roles: Roles) { self.roles = roles }

  package mutating func on<C: Call>(_ call: C.Type, _ answering: @escaping Answering<C>) {
    let roles = roles
    routes[C.name] = { body, caller in
      guard C.allowed.contains(caller.role) else {
        return .problem(
          CallProblem(
            .forbidden, C.name, "", reason: "\(caller.name) is \(caller.role.rawValue) here and may only look",
            remedy: roles.remedy(for: C.allowed)))
      }
      switch Self.decode(C.self, body) {
      case .failure(let problem): return .problem(problem)
      case .success(let call):
        switch await answering(call, caller) {
        case .success(let reply): return Answer(status: 200, body: JSON.encode(reply))
        case .failure(let problem): return .problem(problem)
        }
      }
    }
  }

  /// - Parameter name: what follows `/v1/calls/`.
  func answer(_ name: String, _ body: [UInt8], by caller: Caller) async -> Answer {
    guard let route = routes[name] else {
      return .problem(CallProblem(.notFound, "call", "", reason: "there is no call of that name"))
    }
    return await route(body, caller)
  }

  private static func decode<C: Call>(_ call: C.Type, _ body: [UInt8]) -> Result<C, CallProblem> {
    do throws(JSONError) {
      let call = try JSON.decode(C.self, from: body)
      do throws(CallProblem) {
        try call.check()
        return .success(call)
      } catch { return .failure(error) }
    } catch { return .failure(CallProblem(.invalid, C.name, "", reason: "\(error)")) }
  }
}

/// What goes back: JSON.
struct Answer: Sendable {
  var status: Int
  var body: [UInt8]

  static func problem(_ problem: CallProblem, status: Int? = nil) -> Self {
    Self(status: status ?? problem.kind.status, body: JSON.encode(problem))
  }
}

extension CallProblem.Kind {
  fileprivate var status: Int {
    switch self {
    case .invalid: 400
    case .forbidden: 403
    case .notFound: 404
    case .conflict: 409
    case .busy, .unavailable: 503
    }
  }
}
