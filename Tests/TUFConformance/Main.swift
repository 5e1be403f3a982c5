import Glibc
import ModelPackages
import Signal

/// A TUF client with the command line of the public conformance suite, around Thrum's verifier. It adds what the gateway has no use
/// for: HTTP, and keys that are not Ed25519.
@main
enum Conformance {
  static func main() {
    do {
      try Client(CommandLine.arguments.dropFirst()).run()
    } catch {
      let line = Array("thrum-tuf-conformance: \(error)\n".utf8)
      _ = write(STDERR_FILENO, line, line.count)
      exit(1)
    }
  }
}

struct Client {
  private var options: [String: [String]] = [:]
  private var words: [String] = []

  init(_ arguments: some Sequence<String>) throws(TrustError) {
    var iterator = arguments.makeIterator()
    while let argument = iterator.next() {
      guard argument.hasPrefix("--") else {
        words.append(argument)
        continue
      }
      guard let value = iterator.next() else { throw TrustError(.malformed, "read", argument, "expected a value") }
      options[argument, default: []].append(value)
    }
  }

  func run() throws(TrustError) {
    switch words.first {
    case "init" where words.count == 2: try initialize(root: words[1])
    case "refresh":
      var updater = try updater()
      try updater.refresh()
    case "download": try download()
    default: throw TrustError(.malformed, "read", "arguments", "expected init ROOT, refresh or download")
    }
  }

  private func option(_ name: String) throws(TrustError) -> String {
    guard let value = options[name]?.last else { throw TrustError(.malformed, "read", name, "missing") }
    return value
  }

  private func initialize(root: String) throws(TrustError) {
    let bytes = try wholeFile(root)
    try MetadataFolder(try option("--metadata-dir")).write(.root, bytes)
  }

  private func updater() throws(TrustError) -> Updater {
    let base = try option("--metadata-url")
    var limits = TrustLimits()
    limits.delegations = 32
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let clock = UnixTime(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
    return try Updater(
      store: MetadataFolder(try option("--metadata-dir")), initialRoot: nil, time: ReferenceTime(clock: clock, floor: clock),
      policy: TrustPolicy(keyIDs: .declared, schemes: [Ed25519(), P256Signature(), OpenSSLSignature()], limits: limits)
    ) { request throws(TrustError) in
      try HTTP.get(base, request.fileName, maxBytes: request.maxBytes)
    }
  }

  private func download() throws(TrustError) {
    var updater = try updater()
    try updater.refresh()
    for name in options["--target-name"] ?? [] {
      guard let target = try updater.find(UTF8Text(name)) else {
        throw TrustError(.notFound, "find", name, "no role knows it")
      }
      try fetch(target, isConsistentSnapshot: updater.isConsistentSnapshot)
    }
  }

  private func fetch(_ target: TargetFile, isConsistentSnapshot: Bool) throws(TrustError) {
    let folder = try option("--target-dir")
    let path = "\(folder)/\(target.path.percentEncoded)"
    if let kept = try? wholeFile(path), isRight(kept, target) { return }
    guard let remote = isConsistentSnapshot ? target.consistentPath : target.path else {
      throw TrustError(.mismatch, "fetch", target.path, "no digest of a known kind")
    }
    let base = try option("--target-base-url")
    guard let bytes = try HTTP.get(base, remote.string, maxBytes: Int(target.length)) else {
      throw TrustError(.notFound, "fetch", target.path, "the repository does not have it")
    }
    let staging = try option("--metadata-dir") + "/staging"
    mkdir(staging, 0o750)
    var staged = try StagedTarget(target, folder: staging)
    try staged.take(bytes, at: 0)
    let whole = try staged.finish()
    guard rename(whole, path) == 0 else { throw TrustError(.storage, "rename", whole, String(cString: strerror(errno))) }
  }

  private func isRight(_ bytes: [UInt8], _ target: TargetFile) -> Bool {
    guard var download = try? TargetDownload(target), (try? download.take(bytes, at: 0)) != nil else { return false }
    return (try? download.verify()) != nil
  }

  private func wholeFile(_ path: String) throws(TrustError) -> [UInt8] {
    guard let file = fopen(path, "re") else { throw TrustError(.storage, "open", path, String(cString: strerror(errno))) }
    defer { fclose(file) }
    return [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
      count = fread(buffer.baseAddress, 1, buffer.count, file)
    }
  }
}
