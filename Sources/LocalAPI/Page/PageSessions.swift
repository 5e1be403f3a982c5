import Contracts
import Crypto
import FoundationEssentials
import Synchronization

/// Who may use the page: somebody who asked the socket gets a code for one use, and with it a browser gets a session that is he.
/// A session is signed, not stored, so that it outlives a restart of the daemon; the key lies in the state folder.
package final class PageSessions: Sendable {
  /// Whoever a session is, and what forms of it must show.
  package struct Session: Sendable, Equatable {
    package let caller: Caller
    let id: String
    let token: String
  }

  private struct Claims: Codable {
    var id: String
    var uid: UInt32
    var name: String
    var role: Role
    var until: Int
  }

  private struct Code {
    let digest: SHA256.Digest
    let caller: Caller
    let until: Int
  }

  private struct State {
    var codes: [Code] = []
    var ended: [String] = []
  }

  private let key: SymmetricKey
  private let state = Mutex(State())
  private let now: @Sendable () -> Int

  package static let codeSeconds = 300
  package static let sessionSeconds = 12 * 3600
  private static let mostCodes = 16
  private static let mostEnded = 1024

  /// - Parameters:
  ///   - key: 32 bytes that only the daemon knows.
  ///   - now: seconds since 1970.
  package init(key: [UInt8], now: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }) {
    self.key = SymmetricKey(data: key)
    self.now = now
  }

  /// A code for one use within five minutes; the oldest gives way where many wait.
  package func code(for caller: Caller) -> String {
    let code = Self.random(bytes: 16)
    state.withLock { state in
      state.codes.removeAll { $0.until < now() }
      if state.codes.count >= Self.mostCodes { state.codes.removeFirst() }
      state.codes.append(Code(digest: SHA256.hash(data: Data(code.utf8)), caller: caller, until: now() + Self.codeSeconds))
    }
    return code
  }

  /// - Returns: the cookie's value; `nil` for a code that is wrong, used or too old.
  func begin(code: String) -> String? {
    let digest = SHA256.hash(data: Data(code.utf8))
    let caller: Caller? = state.withLock { state in
      state.codes.removeAll { $0.until < now() }
      guard let index = state.codes.firstIndex(where: { $0.digest == digest }) else { return nil }
      return state.codes.remove(at: index).caller
    }
    return caller.map { caller in
      sign(
        Claims(
          id: Self.random(bytes: 12), uid: caller.uid, name: caller.name, role: caller.role, until: now() + Self.sessionSeconds))
    }
  }

  /// - Returns: `nil` for a cookie that is not ours, too old, or of a session that was ended.
  func session(_ cookie: String) -> Session? {
    let parts = cookie.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, cookie.utf8.count <= 1024, let body = Data(base64Encoded: String(parts[0])),
      let mark = Data(base64Encoded: String(parts[1])),
      HMAC<SHA256>.isValidAuthenticationCode(mark, authenticating: body, using: key),
      let claims = try? JSON.decode(Claims.self, from: body), claims.until >= now(),
      !state.withLock({ $0.ended.contains(claims.id) })
    else { return nil }
    let token = HMAC<SHA256>.authenticationCode(for: Data("token \(claims.id)".utf8), using: key)
    return Session(
      caller: Caller(uid: claims.uid, name: claims.name, role: claims.role), id: claims.id, token: Self.hex(Data(token)))
  }

  /// It counts no more; until the daemon is started again, where its own time has not run out by then.
  func end(_ session: Session) {
    state.withLock { state in
      if state.ended.count >= Self.mostEnded { state.ended.removeFirst() }
      state.ended.append(session.id)
    }
  }

  private func sign(_ claims: Claims) -> String {
    let body = Data(JSON.encode(claims))
    let mark = Data(HMAC<SHA256>.authenticationCode(for: body, using: key))
    return "\(body.base64EncodedString()).\(mark.base64EncodedString())"
  }

  package static func randomKey() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  private static func random(bytes count: Int) -> String { hex(Data(randomKey().prefix(count))) }

  private static func hex(_ bytes: Data) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
