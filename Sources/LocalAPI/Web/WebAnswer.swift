import NIOHTTP1

/// What goes back to a browser.
package struct WebResponse: Sendable {
  package var status: Int
  package var contentType: String
  package var body: [UInt8]
  /// Beside those that every answer has.
  package var headers: [(String, String)] = []

  package init(status: Int = 200, contentType: String, body: [UInt8]) {
    (self.status, self.contentType, self.body) = (status, contentType, body)
  }
}

/// How an answer is come by.
package enum WebAnswer: Sendable {
  case now(WebResponse)
  /// Blocks: made on a thread of its own, one at a time.
  case blocking(@Sendable () -> WebResponse)
  /// Server-sent events until either side has enough of it.
  case live
}

/// What is behind a listener.
package protocol WebSite: Sendable {
  func answer(_ request: WebRequest) async -> WebAnswer
}

extension WebResponse {
  static func text(_ status: Int, _ text: String) -> Self {
    Self(status: status, contentType: "text/plain; charset=utf-8", body: Array((text + "\n").utf8))
  }

  /// Nothing of another site is loaded, nothing is run but our own files, nobody puts the page into a frame, and no proxy or browser
  /// keeps what was shown.
  static let safety: [(String, String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"), ("Connection", "close"),
  ]

  var allHeaders: HTTPHeaders {
    HTTPHeaders([("Content-Type", contentType), ("Content-Length", "\(body.count)")] + Self.safety + headers)
  }
}
