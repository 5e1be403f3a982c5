import ArgumentParser
import ControlPlane
import ModelPackages
import Terminal

struct ShowKeys: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "List who may sign what, until when, and what waits.",
    discussion: """
      EXAMPLES
        thrum-plane keys show
        thrum-plane keys show --json
      """)
  @OptionGroup var place: RepositoryOptions
  @OptionGroup var output: OutputForm

  private struct Row: Encodable {
    let role: String
    let version: Int64
    let expires: String
    let threshold: Int
    let keys: [String]
  }
  private struct Listing: Encodable {
    let roles: [Row]
    let waiting: [RepositoryEditor.Waiting]
  }

  func run() throws {
    let editor = try place.editor()
    let state = editor.current
    let rows = ([UTF8Text.root, .targets, .snapshot, .timestamp] + state.delegated).compactMap { role in
      state.roles[role].map { draft in
        Row(
          role: role.string, version: draft.version, expires: draft.expires, threshold: state.keys(of: role)?.threshold ?? 0,
          keys: state.keys(of: role)?.keys.map(\.name) ?? [])
      }
    }
    if output.json { return print(jsonText(Listing(roles: rows, waiting: editor.waiting))) }
    guard !rows.isEmpty || !editor.waiting.isEmpty else { return print("There is no root yet: thrum-plane keys root.") }
    var table = Table(["role", "version", "until", "of", "keys"], numbers: [1, 3])
    for row in rows {
      table.add(row.role, "\(row.version)", String(row.expires.prefix(10)), "\(row.threshold)", row.keys.joined(separator: ", "))
    }
    if !rows.isEmpty { print(table.rendered()) }
    if !editor.waiting.isEmpty { try Outcome(released: [], waiting: editor.waiting).show(output) }
  }
}
