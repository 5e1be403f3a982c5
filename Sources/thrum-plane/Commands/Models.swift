import ArgumentParser
import Contracts
import ControlPlane
import ModelPackages
import Signal
import Terminal

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "List the published models, where they run, and how they do.",
    discussion: """
      With --json cards and metrics too.

      EXAMPLES
        thrum-plane models
        thrum-plane models --gateways
        thrum-plane models --json
      """)
  @OptionGroup var place: RepositoryOptions
  @OptionGroup var plane: PlaneFile
  @OptionGroup var output: OutputForm
  @Flag(help: "Instead, what each gateway says of its models.")
  var gateways = false

  func run() throws {
    if gateways { return try showGateways() }
    let listing = try ModelListing(
      place.repository, plane: PlaneReader.isThere(plane.path) ? PlaneReader(path: plane.path) : nil, at: .now)
    if output.json { return print(jsonText(listing)) }
    guard !listing.models.isEmpty else { return print("No model is published.") }
    var table = Table(["model", "version", "sha256", "kind", "review by", "owner"])
    for row in listing.models {
      let kind = row.isRevoked ? "revoked" : row.isGolden ? "golden" : row.isRetired ? "retired" : "-"
      table.add([
        .init(row.model), .init(row.version), .init(String(row.sha256.prefix(12))), .init(kind, row.isRevoked ? .bad : nil),
        .init(row.reviewBy, row.isOverdue ? .warning : nil), .init(row.owner),
      ])
    }
    print(table.rendered())
    showRollouts(listing)
  }

  private struct Line: Encodable {
    let gateway: String
    let models: [ReportedModels.Row]
  }

  private func showGateways() throws {
    let rows = try PlaneReader(path: plane.path).gatewayModels().sorted { $0.key < $1.key }
    if output.json {
      for row in rows { print(jsonText(Line(gateway: row.key, models: row.value))) }
      return
    }
    guard !rows.isEmpty else { return print("No gateway has said anything of models.") }
    var table = Table(["gateway", "model", "version", "stage", "reason"])
    for (gateway, models) in rows {
      for model in models {
        table.add([
          .init(gateway), .init(model.model), .init(model.version),
          .init(model.stage, model.stage == "failed" || model.stage == "rolled_back" ? .bad : nil), .init(model.reason ?? ""),
        ])
      }
    }
    print(table.rendered())
  }

  private func showRollouts(_ listing: ModelListing) {
    guard !listing.rollouts.isEmpty else { return }
    var table = Table(["fleet", "model", "version", "state", "share", "gateways"])
    for row in listing.rollouts {
      let spread = row.gateways.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      table.add([
        .init(row.fleet), .init(row.model), .init(row.version),
        .init(row.halt == nil ? row.state : "halted", row.halt == nil ? nil : .bad),
        .init("\(Double(row.sharePpm) / 10_000) %"), .init(spread.isEmpty ? "-" : spread),
      ])
    }
    print("\n" + table.rendered())
    for row in listing.rollouts {
      if let halt = row.halt { print("\nHalted: \(row.fleet) \(row.model) \(row.version): \(halt).") }
    }
  }
}

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "List who changed the repository; checks that nobody changed the list.",
    discussion: """
      Every line holds the digest of the one before it; timestamp metadata holds the head, so gateways have \
      seen it.

      EXAMPLES
        thrum-plane audit
        thrum-plane audit --json
      """)
  @OptionGroup var place: RepositoryOptions
  @OptionGroup var output: OutputForm

  func run() throws {
    let (entries, head) = try PlaneAudit(place.repository).read()
    if output.json {
      for entry in entries { print(jsonText(entry)) }
      return
    }
    var table = Table(["no", "when", "by", "act", "what", "detail"], numbers: [0])
    for entry in entries { table.add("\(entry.number)", entry.at.local, entry.by, entry.act, entry.object, entry.detail) }
    print(table.rendered())
    print("\nWhole, head \(head.prefix(16)).")
  }
}

struct ExportRepository: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export-repository", abstract: "Write what gateways get to a folder, for a stick.",
    discussion: """
      The gateway believes it no more than a network.

      EXAMPLES
        thrum-plane export-repository /media/stick/thrum
      """)
  @OptionGroup var place: RepositoryOptions
  @Argument(help: ArgumentHelp("A new or empty folder.", valueName: "DIR"))
  var folder: String

  func run() throws {
    let count = try place.editor().export(to: folder)
    print("\(count) files in \(folder).")
  }
}
