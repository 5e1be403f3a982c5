import ArgumentParser
import ControlPlane
import ModelPackages
import Terminal

struct Keys: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Say who may sign what.",
    discussion: """
      Root and targets keys belong to people and never lie on the plane; the plane \
      makes its own two, for timestamp and snapshot. docs/SECURITY.md describes the \
      ceremony.

      EXAMPLES
        thrum-plane keys generate --name security --out security.key
        thrum-plane keys root --root anna.pub ben.pub carl.pub --root-threshold 2 \\
          --targets data-owner.pub security.pub release.pub --targets-threshold 2 \\
          --fleet plant-a=operations.pub
        thrum-plane approve --as anna --key anna.key
        thrum-plane keys rotate --role targets --remove release --add release-2.pub
        thrum-plane keys show
      """,
    subcommands: [Generate.self, Root.self, Rotate.self, FleetKeys.self, Renew.self, ShowKeys.self])

  struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "generate", abstract: "Make a key pair; the private one is readable by you alone.",
      discussion: """
        EXAMPLES
          thrum-plane keys generate --name data-owner --out data-owner.key
        """)
    @Option(help: "Who holds it, or for what: data-owner, security, …")
    var name: String
    @Option(help: ArgumentHelp("The private key's new file; the public one is put beside it as .pub.", valueName: "FILE"))
    var out: String
    @OptionGroup var output: OutputForm

    func run() throws {
      let key = try SigningKey(name: name)
      try key.write(to: out)
      let publicFile = (out.hasSuffix(".key") ? String(out.dropLast(4)) : out) + ".pub"
      try DurableFile.write(key.key.object.canonical + [0x0A], to: publicFile, mode: 0o644)
      if output.json { return print(String(decoding: key.key.object.canonical, as: UTF8.self)) }
      print("Key \(key.key.id.string.prefix(16)) of \(name): \(out) (keep it off the plane), \(publicFile).")
    }
  }

  struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "root", abstract: "Prepare the first root; then everybody approves.",
      discussion: """
        EXAMPLES
          thrum-plane keys root --root a.pub b.pub c.pub --root-threshold 2 \
            --targets d.pub e.pub --targets-threshold 2 --fleet plant-a=f.pub
        """)
    @OptionGroup var place: RepositoryOptions
    @Option(parsing: .upToNextOption, help: "Public keys of root.")
    var root: [String]
    @Option(help: "How many of them must sign.")
    var rootThreshold = 1
    @Option(parsing: .upToNextOption, help: "Public keys of targets.")
    var targets: [String]
    @Option(help: "How many of them must sign.")
    var targetsThreshold = 1
    @Option(help: ArgumentHelp("A fleet and the public key that rolls out to it; again for more.", valueName: "FLEET=FILE"))
    var fleet: [String] = []
    @OptionGroup var output: OutputForm

    func run() throws {
      let editor = try place.editor()
      try editor.begin(
        root: .init(try root.map(publicKey), threshold: rootThreshold),
        targets: .init(try targets.map(publicKey), threshold: targetsThreshold), fleets: try fleets())
      try Outcome(released: [], waiting: editor.waiting).show(output)
    }

    private func fleets() throws -> [String: RepositoryEditor.Signers] {
      var keys: [String: [NamedKey]] = [:]
      for text in fleet {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw UsageError("--fleet \(text): expected FLEET=FILE") }
        keys[parts[0], default: []].append(try publicKey(parts[1]))
      }
      return keys.mapValues { .init($0, threshold: 1) }
    }
  }

  struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate", abstract: "Prepare a root with other keys for a role.",
      discussion: """
        For timestamp and snapshot the plane makes the new key. Old and new root keys \
        approve; for targets the new targets keys do too.

        EXAMPLES
          thrum-plane keys rotate --role targets --remove release --add release-2.pub
          thrum-plane keys rotate --role root --add dora.pub --remove carl --threshold 2
          thrum-plane keys rotate --role timestamp
        """)
    @OptionGroup var place: RepositoryOptions
    @Option(help: "root, targets, snapshot or timestamp.")
    var role: String
    @Option(parsing: .upToNextOption, help: "Public keys to add.")
    var add: [String] = []
    @Option(parsing: .upToNextOption, help: "Names of keys to take away.")
    var remove: [String] = []
    @Option(help: "How many must sign from now on.")
    var threshold: Int?
    @OptionGroup var output: OutputForm

    func run() throws {
      let editor = try place.editor()
      try editor.rotate(UTF8Text(role), adding: try add.map(publicKey), removing: remove, threshold: threshold)
      try Outcome(released: [], waiting: editor.waiting).show(output)
    }
  }

  struct FleetKeys: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "fleet", abstract: "Prepare a fleet's role, or other keys for it.",
      discussion: """
        EXAMPLES
          thrum-plane keys fleet plant-b --keys operations.pub deputy.pub --threshold 1
        """)
    @OptionGroup var place: RepositoryOptions
    @Argument(help: "The fleet.")
    var fleet: String
    @Option(parsing: .upToNextOption, help: "Public keys that roll out to it.")
    var keys: [String]
    @Option(help: "How many must sign.")
    var threshold = 1
    @OptionGroup var output: OutputForm

    func run() throws {
      let editor = try place.editor()
      try editor.delegate(to: fleet, .init(try keys.map(publicKey), threshold: threshold))
      try Outcome(released: [], waiting: editor.waiting).show(output)
    }
  }

  struct Renew: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "renew", abstract: "Prepare the same root for another year.",
      discussion: """
        EXAMPLES
          thrum-plane keys renew
        """)
    @OptionGroup var place: RepositoryOptions
    @OptionGroup var output: OutputForm

    func run() throws {
      let editor = try place.editor()
      try editor.renewRoot()
      try Outcome(released: [], waiting: editor.waiting).show(output)
    }
  }
}

/// A public key's file.
func publicKey(_ path: String) throws -> NamedKey {
  guard let bytes = try DurableFile.read(path, maxBytes: 4096) else {
    throw PlaneError("read", path, reason: "there is no such file", remedy: "make a key: thrum-plane keys generate")
  }
  guard let object = try? SignedJSONParser.parse(bytes), object["keyval"]?["private"] == nil else {
    throw PlaneError("read", path, reason: "this is no public key", remedy: "name the file that ends in .pub")
  }
  return try NamedKey(object)
}
