import ArgumentParser
import ControlPlane
import Glibc
import ModelPackages
import Signal
import Terminal

/// Which repository is meant.
struct RepositoryOptions: ParsableArguments {
  @Option(
    name: .customLong("repository"),
    help: ArgumentHelp("The plane's model repository; or set THRUM_PLANE_REPOSITORY.", valueName: "DIR"))
  var folder = getenv("THRUM_PLANE_REPOSITORY").map { String(cString: $0) } ?? "/var/lib/thrum-plane/repository"

  var repository: PlaneRepository { PlaneRepository(folder) }

  func editor() throws -> RepositoryEditor { try RepositoryEditor(repository, by: Self.user, at: .now) }

  private static var user: String {
    if let name = getenv("SUDO_USER") { return String(cString: name) }
    return getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
  }
}

/// With which key something is signed.
struct SignerOptions: ParsableArguments {
  @Option(name: .customLong("as"), help: ArgumentHelp("The name that root or targets know the key by.", valueName: "NAME"))
  var name: String?
  @Option(help: ArgumentHelp("Its private key's file.", valueName: "FILE"))
  var key: String?
  @Option(
    help: ArgumentHelp(
      "A program that signs: called with a file and a key's id, it prints the signature of the file's bytes as 128 hex digits.",
      valueName: "COMMAND"))
  var signer: String?

  func validate() throws {
    if key != nil, signer != nil { throw ValidationError("expected --key or --signer, got both") }
    if signer != nil, name == nil { throw ValidationError("--signer needs --as NAME") }
  }

  /// Signs what waits when a key was given, then shows what became of it.
  func finish(_ editor: RepositoryEditor, _ output: OutputForm) throws {
    if let (name, signer) = try chosen() { _ = try editor.approve(as: name, signer) }
    try Outcome(released: editor.release().map(\.string), waiting: editor.waiting).show(output)
  }

  func chosen() throws -> (name: String, signer: any MetadataSigner)? {
    if let key {
      let signing = try SigningKey(file: key)
      return (name ?? signing.key.name, signing)
    }
    guard let signer, let name else { return nil }
    return (name, ExternalSigner(command: signer))
  }
}

/// What became visible, and what still waits.
struct Outcome: Encodable {
  let released: [String]
  let waiting: [RepositoryEditor.Waiting]

  func show(_ output: OutputForm) throws {
    if output.json { return print(jsonText(self)) }
    if !released.isEmpty { print("Visible now: \(released.joined(separator: ", ")).") }
    for file in waiting {
      let signed = file.signed.isEmpty ? "by nobody" : "by \(file.signed.joined(separator: ", "))"
      print("Waits: \(file.role) \(file.version), signed \(signed), \(file.threshold) needed.")
      if !file.mayStillSign.isEmpty { print("  May sign: \(file.mayStillSign.joined(separator: ", ")).") }
    }
    if released.isEmpty, waiting.isEmpty { print("Nothing waits for a signature.") }
  }
}

/// A program of the key's owner: the private key never comes here.
struct ExternalSigner: MetadataSigner {
  let command: String

  func sign(_ payload: [UInt8], with key: NamedKey) throws(TrustError) -> [UInt8] {
    var template = Array("/tmp/thrum-sign-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { throw DurableFile.failure("make", "/tmp/thrum-sign-XXXXXX") }
    close(file)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    try DurableFile.write(payload, to: path, mode: 0o600)
    let text = try output(of: "\(command) \(path) \(key.id.string)")
    guard let signature = bytes(hex: UTF8Text(text)), signature.count == 64 else {
      throw TrustError(.notSigned, "sign with", command, "it did not print 128 hex digits")
    }
    return signature
  }

  private func output(of line: String) throws(TrustError) -> String {
    guard let pipe = popen(line, "re") else { throw DurableFile.failure("start", command) }
    var text: [UInt8] = []
    var byte = fgetc(pipe)
    while byte != EOF, text.count < 4096 {
      text.append(UInt8(truncatingIfNeeded: byte))
      byte = fgetc(pipe)
    }
    guard pclose(pipe) == 0 else { throw TrustError(.notSigned, "sign with", command, "it failed") }
    return String(decoding: text.filter { $0 > 0x20 }, as: UTF8.self)
  }
}
