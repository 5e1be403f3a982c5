import ArgumentParser
import ControlPlane
import ModelPackages
import Terminal

struct Publish: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Bring a model package into the repository.",
    discussion: """
      It becomes visible when enough keys of targets have approved. A version is published once.

      EXAMPLES
        thrum-plane publish pumps-1.2.0.thrum
        thrum-plane approve --as data-owner --key data-owner.key
        thrum-plane publish pumps-1.0.0.thrum --golden
      """)
  @OptionGroup var place: RepositoryOptions
  @Argument(help: "The package.")
  var package: String
  @Flag(help: "A version to go back to: it cannot be retired.")
  var golden = false
  @OptionGroup var signing: SignerOptions
  @OptionGroup var output: OutputForm

  func run() throws {
    guard let bytes = try DurableFile.read(package, maxBytes: ModelPackage.mostBytes + 1) else {
      throw PlaneError("read", package, reason: "there is no such file")
    }
    let editor = try place.editor()
    let read = try editor.publish(package: bytes, isGolden: golden)
    if !output.json { print("Package \(read.card.model) \(read.card.version), sha256 \(read.digest.prefix(16)).") }
    try signing.finish(editor, output)
  }
}

struct Approve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Sign what waits, as one of those who may.",
    discussion: """
      When the role's threshold is reached it becomes visible. Without a key: shows what waits.

      EXAMPLES
        thrum-plane approve
        thrum-plane approve --as security --key security.key
        thrum-plane approve --as anna --signer 'ssh anna@vault sign-thrum'
      """)
  @OptionGroup var place: RepositoryOptions
  @OptionGroup var signing: SignerOptions
  @OptionGroup var output: OutputForm

  func run() throws { try signing.finish(try place.editor(), output) }
}

struct Revoke: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Say that a version must run nowhere, not even as what is gone back to.",
    discussion: """
      Signed by targets, as the package was.

      EXAMPLES
        thrum-plane revoke pumps 1.2.0 --as security --key security.key
      """)
  @OptionGroup var place: RepositoryOptions
  @Argument var model: String
  @Argument(help: "Its version.")
  var modelVersion: String
  @OptionGroup var signing: SignerOptions
  @OptionGroup var output: OutputForm

  func run() throws {
    let editor = try place.editor()
    try editor.revoke(model, modelVersion)
    try signing.finish(editor, output)
  }
}

struct Retire: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire", abstract: "Offer a version no longer; its file stays in the archive.",
    discussion: """
      Refused for golden versions and for what is rolled out.

      EXAMPLES
        thrum-plane retire pumps 0.9.0 --as data-owner --key data-owner.key
      """)
  @OptionGroup var place: RepositoryOptions
  @Argument var model: String
  @Argument(help: "Its version.")
  var modelVersion: String
  @OptionGroup var signing: SignerOptions
  @OptionGroup var output: OutputForm

  func run() throws {
    let editor = try place.editor()
    try editor.retire(model, modelVersion)
    try signing.finish(editor, output)
  }
}
