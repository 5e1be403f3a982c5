import Glibc

/// The certificate files of an endpoint, watched for being replaced: a new connection reads them anew.
struct CredentialFiles {
  private let paths: [String]
  private var used: [Mark]
  private var seen: [Mark]
  private var nextLook = 0.0
  private static let pauseSeconds = 1.0

  private struct Mark: Equatable {
    var seconds = 0, nanoseconds = 0, bytes = 0, node: UInt = 0
  }

  init(_ endpoint: MQTTEndpoint) {
    paths = [endpoint.caFile, endpoint.certFile, endpoint.keyFile].compactMap { $0 }
    used = paths.map(Self.mark)
    seen = used
  }

  /// They are read now.
  mutating func reading() {
    used = paths.map(Self.mark)
    seen = used
  }

  /// At most once a second it is looked; they count as replaced when they are as they were a second before: certificate and key are
  /// two files.
  mutating func areReplaced(at now: Double) -> Bool {
    guard !paths.isEmpty, now >= nextLook else { return false }
    nextLook = now + Self.pauseSeconds
    let marks = paths.map(Self.mark)
    defer { seen = marks }
    return marks != used && marks == seen && marks.allSatisfy { $0.bytes > 0 }
  }

  private static func mark(_ path: String) -> Mark {
    var status = stat()
    guard stat(path, &status) == 0 else { return Mark() }
    return Mark(
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, bytes: Int(status.st_size), node: UInt(status.st_ino))
  }
}
