import Foundation
import Testing

@testable import Configuration

/// docs/CONFIGURATION.md tells what the code reads.
@Suite struct ReferenceTests {
  /// `THRUM_WRITE_DOCS=1 scripts/test --filter ReferenceTests` writes it anew.
  @Test("the reference stands in docs/CONFIGURATION.md")
  func documented() throws {
    let file = URL(fileURLWithPath: root + "/docs/CONFIGURATION.md")
    if ProcessInfo.processInfo.environment["THRUM_WRITE_DOCS"] != nil {
      try Self.text().write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == Self.text())
  }

  @Test("config/thrum.toml explains every key of the reference")
  func explained() throws {
    let shipped = try String(contentsOfFile: root + "/config/thrum.toml", encoding: .utf8)
    for entry in try Self.entries() { #expect(shipped.contains(entry.key), "\(entry.path)") }
  }

  private var root: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  }

  /// One table of each kind, so that every key is asked for.
  private static let sample = """
    [plane]
    [[source]]
    payload = "json"
    channels = [{ name = "x" }]
    [[machine]]
    [[machine.point]]
    bearing = { balls = 8 }
    limits = {}
    [[bearing]]
    balls = 8
    [[severity]]
    [[advice]]
    """

  private static func entries() throws -> [ConfigEntry] {
    var seen: Set<String> = []
    return try ConfigFile.entries(of: [("thrum.toml", sample)]).filter { seen.insert($0.path).inserted }
  }

  private static func text() throws -> String {
    var lines = [
      "# Configuration reference", "",
      "Made from the code that reads it (`THRUM_WRITE_DOCS=1 scripts/test --filter ReferenceTests`); "
        + "[thrum.toml](../config/thrum.toml) explains the keys.",
      "`thrum config check` names everything that is wrong, "
        + "`thrum config show --effective` what counts. Files in `conf.d` are read after `thrum.toml`.",
    ]
    var tables: [String] = []
    let rows = Dictionary(grouping: try entries().filter { !$0.table.isEmpty }) { entry in
      let heading = heading(entry.table)
      if !tables.contains(heading) { tables.append(heading) }
      return heading
    }
    for table in tables {
      lines += ["", "## \(table)", "", "| key | may be | default |", "| --- | --- | --- |"]
      lines += (rows[table] ?? []).map { entry in
        "| `\(entry.key)` | \(entry.expected.replacing("|", with: "\\|")) | \(entry.fallback.map { "`\($0)`" } ?? "") |"
      }
    }
    return lines.joined(separator: "\n").replacing("`\"\(HostName.asLabel)\"`", with: "this host's name") + "\n"
  }

  /// `source[1].fields` is `[[source]] fields`.
  private static func heading(_ table: String) -> String {
    table.split(separator: ".").map { $0.hasSuffix("]") ? "[[\($0.prefix { $0 != "[" })]]" : "[\($0)]" }.joined(separator: " ")
  }
}
