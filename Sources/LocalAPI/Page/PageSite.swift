import Contracts

/// What the page shows; asked on a thread that may block.
package protocol PageContent: Sendable {
  /// - Parameters:
  ///   - view: `overview`, `trend`, …
  ///   - query: what the browser sent, not to be trusted.
  /// - Returns: JSON; or why there is none.
  func read(_ view: String, _ query: [String: String]) -> Result<[UInt8], CallProblem>
}

/// The page's paths: its files, which say nothing of this gateway, are for everybody, all else is for a session, and what changes something is a call like those
/// on the socket, by the same router, into the same audit log.
package struct PageSite: WebSite {
  private let sessions: PageSessions
  private let router: CallRouter
  private let content: any PageContent
  private let gateway: String
  private let refused: @Sendable (Visitor) -> Void
  /// Codes that are wrong: one a second of one visitor, ten at once. A code has 128 bits.
  private let wrongCodes = Pace(perSecond: 1, burst: 10)

  /// - Parameter refused: told of every code that lets nobody in.
  package init(
    sessions: PageSessions, router: CallRouter, content: any PageContent, gateway: String,
    refused: @escaping @Sendable (Visitor) -> Void = { _ in }
  ) {
    (self.sessions, self.router, self.content, self.gateway, self.refused) = (sessions, router, content, gateway, refused)
  }

  package func answer(_ request: WebRequest) async -> WebAnswer {
    if request.method == .get, let file = PageFiles.file(request.path) { return .now(file) }
    guard request.path.hasPrefix("/api/") else { return .now(.text(404, "there is nothing at this path")) }
    guard request.isFromThisSite else { return .now(.text(403, "asked by another site")) }
    if request.method == .post, let problem = Self.problem(request) { return .now(problem) }
    let name = String(request.path.dropFirst("/api/".count))
    if request.method == .post, name == "login" { return .now(login(request)) }
    guard let session = request.cookie(Self.cookieName(request)).flatMap(sessions.session) else {
      return .now(.problem(CallProblem(.forbidden, "page", "", reason: "nobody is logged in", remedy: "thrum page"), status: 401))
    }
    return request.method == .get ? read(name, request, session) : await post(name, request, session)
  }

  /// A form of another site cannot send this type, nor leave out its origin.
  private static func problem(_ request: WebRequest) -> WebResponse? {
    guard request.header("Origin") == request.origin else { return .text(403, "asked by another site") }
    guard request.header("Content-Type") == "application/json" else { return .text(415, "expected application/json") }
    return nil
  }

  // MARK: who

  private struct LoginRequest: Codable { var code: String }

  private func login(_ request: WebRequest) -> WebResponse {
    guard wrongCodes.take(request.visitor) else {
      refused(request.visitor)
      return .problem(
        CallProblem(.busy, "log in", "", reason: "too many wrong codes came from here", remedy: "wait a minute"), status: 429)
    }
    guard let code = try? JSON.decode(LoginRequest.self, from: request.body).code, let cookie = sessions.begin(code: code) else {
      refused(request.visitor)
      let remedy = "thrum page gives a new one"
      return .problem(CallProblem(.forbidden, "log in", "", reason: "the code is wrong, used or too old", remedy: remedy))
    }
    wrongCodes.giveBack(request.visitor)
    return .json(Array("{}".utf8), cookie: Self.cookie(request, cookie, seconds: PageSessions.sessionSeconds))
  }

  private func logout(_ request: WebRequest, _ session: PageSessions.Session) -> WebResponse {
    sessions.end(session)
    return .json(Array("{}".utf8), cookie: Self.cookie(request, "", seconds: 0))
  }

  /// Browsers do not tell ports apart: pages of several gateways, each on its own port by `ssh -L`, would throw each other out.
  /// What begins with `__Host-` no other host of the domain can set (RFC 6265bis, 4.1.3.2).
  private static func cookieName(_ request: WebRequest) -> String {
    let port = request.host.split(separator: ":").last.flatMap { UInt16($0) } ?? (request.isEncrypted ? 443 : 80)
    return (request.isEncrypted ? "__Host-" : "") + "thrum-\(port)"
  }

  private static func cookie(_ request: WebRequest, _ value: String, seconds: Int) -> String {
    let line = "\(cookieName(request))=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
    return request.isEncrypted ? line + "; Secure" : line
  }

  private struct Who: Encodable {
    let name: String
    let role: Role
    let token: String
    let gateway: String
  }

  // MARK: what

  private func read(_ name: String, _ request: WebRequest, _ session: PageSessions.Session) -> WebAnswer {
    switch name {
    case "live": return .live
    case "who":
      let (caller, token) = (session.caller, session.token)
      return .now(.json(JSON.encode(Who(name: caller.name, role: caller.role, token: token, gateway: gateway))))
    default:
      let (content, query) = (content, request.query)
      return .blocking {
        switch content.read(name, query) {
        case .success(let bytes): .json(bytes)
        case .failure(let problem): .problem(problem)
        }
      }
    }
  }

  private func post(_ name: String, _ request: WebRequest, _ session: PageSessions.Session) async -> WebAnswer {
    guard request.header("X-Thrum-Token") == session.token else { return .now(.text(403, "the page's token is missing")) }
    if name == "logout" { return .now(logout(request, session)) }
    guard name.hasPrefix("calls/") else { return .now(.text(404, "there is nothing at this path")) }
    let answer = await router.answer(String(name.dropFirst("calls/".count)), request.body, by: session.caller)
    return .now(WebResponse(status: answer.status, contentType: WebResponse.jsonType, body: answer.body))
  }
}

extension WebResponse {
  static let jsonType = "application/json"

  static func json(_ bytes: [UInt8], cookie: String? = nil) -> Self {
    var response = Self(contentType: jsonType, body: bytes)
    response.headers = cookie.map { [("Set-Cookie", $0)] } ?? []
    return response
  }

  static func problem(_ problem: CallProblem, status: Int? = nil) -> Self {
    let answer = Answer.problem(problem, status: status)
    return Self(status: answer.status, contentType: jsonType, body: answer.body)
  }
}
