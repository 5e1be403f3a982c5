import Configuration
import Glibc

/// Takes out of a text what must not leave the site.
struct Redaction {
  private let secrets: [String]

  /// User names, passwords, credential files and hosts that the configuration names; what cannot be read names none.
  init(configuration path: String) {
    let config = try? ConfigFile.read(path)
    let links = [config?.broker, config?.plane?.connection].compactMap { $0 }
    let told = links.flatMap { link in
      [(try? link.password()) ?? nil, link.username, link.passwordFile, link.caFile, link.certFile, link.keyFile]
        + [link.url.isLoopback ? nil : link.url.host]
    }
    let page =
      [config?.page.certFile, config?.page.keyFile] + (config?.page.names ?? [])
      + [config?.page.listen.flatMap { $0.isLoopback || $0.isEverywhere ? nil : $0.host }]
    // A word too short would tear up everything.
    secrets = ((told + page).compactMap { $0 } + [Self.host]).filter { $0.utf8.count > 3 }.sorted {
      $0.utf8.count > $1.utf8.count
    }
  }

  func applied(to text: String) -> String { secrets.reduce(text) { $0.replacing($1, with: "***") } }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    return gethostname(&name, 255) == 0
      ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
  }
}
