/// Lets one browser in to the page, as whoever asks. Anybody may ask: the page shows him what his role allows.
package struct OpenPage: Call {
  package static let name = "open-page"
  package static let allowed = Set(Role.allCases)

  package struct Reply: Codable, Sendable, Equatable {
    /// With the code for one use behind `#`: a browser does not send that part, so no log has it.
    package var url: String
    package var host: String
    package var port: Int
    /// How long the code may be used.
    package var expiresS: Int
    package var name: String
    package var role: Role
    /// Of the page's certificate, SHA-256 as browsers show it, `AB:CD:…`; `nil` without TLS.
    package var certificateSha256: String?

    package init(
      url: String, host: String, port: Int, expiresS: Int, name: String, role: Role, certificateSha256: String? = nil
    ) {
      (self.url, self.host, self.port, self.expiresS, self.name, self.role) = (url, host, port, expiresS, name, role)
      self.certificateSha256 = certificateSha256
    }
  }

  package init() {}
}
